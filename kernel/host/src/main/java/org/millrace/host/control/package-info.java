/**
 * How the command line reaches a host that runs: a Unix domain socket in the data directory, in a folder that only the
 * host's own user may enter.
 *
 * <p>{@link org.millrace.host.control.ControlSocket} is the host's end, {@link org.millrace.host.control.ControlClient}
 * the command line's. One connection carries one {@link org.millrace.host.control.Operation}, which knows nothing of the
 * socket: the same operations run in the command line's own process when no host is running.
 *
 * <p>The conversation is lines of UTF-8, each a letter, a space and its content. The client sends {@code q} with the
 * request as a JSON object of strings ({@code operation} names it, the rest are its arguments), then, for an operation
 * that takes input, {@code d} lines and one {@code z}. The host answers {@code p} lines (progress, a JSON string) and
 * {@code d} lines (output as it is) in any number, and ends with {@code r} (the result, a JSON object of strings) or
 * {@code e} (the failure: {@code code} and {@code message}).
 */
@NullMarked
package org.millrace.host.control;

import org.jspecify.annotations.NullMarked;
