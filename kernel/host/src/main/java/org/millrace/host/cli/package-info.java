/**
 * The command line: {@code millrace start}, {@code config} and {@code version}, and what operators do with data:
 * {@code backup}, {@code restore}, {@code verify}, {@code compact}, {@code export} and {@code import}.
 *
 * <p>{@link org.millrace.host.cli.Millrace} is the process's entry point. The only line on standard output of a host
 * that serves is the ready line; the log and all errors go to standard error.
 */
@NullMarked
package org.millrace.host.cli;

import org.jspecify.annotations.NullMarked;
