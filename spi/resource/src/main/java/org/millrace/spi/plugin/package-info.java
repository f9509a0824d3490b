/**
 * How a plugin lives in the host.
 *
 * <p>A plugin is one jar (or a folder of jars) whose {@code META-INF/services/org.millrace.spi.plugin.Plugin} names
 * one {@link org.millrace.spi.plugin.Plugin}. The host loads it in a class loader of its own, binds its configuration
 * to a record, and calls {@code start} with a {@link org.millrace.spi.plugin.PluginContext}, through which the plugin
 * reaches everything the host offers. Plugins meet each other only through
 * {@link org.millrace.spi.plugin.ExtensionPoint extension points}.
 */
@NullMarked
package org.millrace.spi.plugin;

import org.jspecify.annotations.NullMarked;
