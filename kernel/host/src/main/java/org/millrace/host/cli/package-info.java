/**
 * The command line: {@code millrace start}, {@code millrace config} and {@code millrace version}.
 *
 * <p>{@link org.millrace.host.cli.Millrace} is the process's entry point. The only line on standard output of a host
 * that serves is the ready line; the log and all errors go to standard error.
 */
@NullMarked
package org.millrace.host.cli;

import org.jspecify.annotations.NullMarked;
