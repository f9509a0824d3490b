/**
 * The assembly of the host.
 *
 * <p>{@link org.millrace.host.Host} opens everything in order and closes it in the reverse: the data directory's lock,
 * the journal, the store, the subscriptions ({@link org.millrace.host.Kernel} up to here), the event loops, and last the
 * plugins, each of which gets a {@link org.millrace.host.HostContext}. Whatever a plugin registers through its context
 * belongs to one {@link org.millrace.host.HostScope}, which undoes it as a whole.
 *
 * <p>This is the only package of the kernel that knows all others.
 */
@NullMarked
package org.millrace.host;

import org.jspecify.annotations.NullMarked;
