package org.millrace.host.config;

import org.millrace.spi.plugin.Setting;

/**
 * How the host logs, always to standard error.
 *
 * @param format for people or for machines
 * @param level the least important messages shown
 */
public record LogConfig(
        @Setting(value = "text", doc = "text for people, json for one JSON object a line")
        Format format,

        @Setting(value = "info", doc = "error, warn, info, debug or trace")
        Level level) {
    /** Shapes of a log line. */
    public enum Format {
        /** Time, level, logger and message. */
        TEXT,
        /** One JSON object a line. */
        JSON
    }

    /** How important a message is. */
    public enum Level {
        /** Something failed that an operator has to see to. */
        ERROR,
        /** Something an operator should know of. */
        WARN,
        /** The life of the host and its plugins. */
        INFO,
        /** What helps to find a fault. */
        DEBUG,
        /** Every message. */
        TRACE
    }
}
