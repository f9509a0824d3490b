/**
 * Sets up the log: Logback, configured by code alone, writing to standard error.
 *
 * <p>{@link org.millrace.host.logging.LogConfigurator} is what Logback finds when the first logger is asked for, so that
 * no file on the class path changes how a host logs; {@link org.millrace.host.logging.Logging} applies the configured
 * format and level. What plugins and libraries log through {@link java.lang.System.Logger} or {@code java.util.logging}
 * ends up in the same place.
 */
@NullMarked
package org.millrace.host.logging;

import org.jspecify.annotations.NullMarked;
