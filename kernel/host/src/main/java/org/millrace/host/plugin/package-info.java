/**
 * Finds, verifies, loads, starts and stops plugins.
 *
 * <p>{@link org.millrace.host.plugin.PluginHost} is the way in. It looks for jars and folders of jars in the plugins
 * directory and takes each through the same steps: a {@link org.millrace.host.plugin.PluginVerifier} stages a copy (a
 * jar is never loaded from where an operator may overwrite it) and reads it as a zip file before any class loads; a
 * {@link org.millrace.host.plugin.PluginClassLoader} shows it the SPI and Netty's core and nothing else of the host; and
 * its {@code start} and {@code stop} run on threads of their own, within a time limit. What goes wrong at any step is
 * told in one line that an operator can act on, and leaves the other plugins alone.
 *
 * <p>The assembly of the host brings a {@link org.millrace.host.plugin.PluginContextFactory}: this package knows nothing
 * of records, listeners or extension points.
 */
@NullMarked
package org.millrace.host.plugin;

import org.jspecify.annotations.NullMarked;
