/**
 * Where plugins meet.
 *
 * <p>The {@link org.millrace.host.extension.ExtensionRegistry} holds every offer and every consumer;
 * {@link org.millrace.host.extension.PluginExtensions} is one plugin's access to it and undoes what that plugin did.
 * Consumers are never called under a lock: each has a queue of notifications that one thread at a time works off, so
 * two plugins may offer to each other from within their callbacks.
 */
@NullMarked
package org.millrace.host.extension;

import org.jspecify.annotations.NullMarked;
