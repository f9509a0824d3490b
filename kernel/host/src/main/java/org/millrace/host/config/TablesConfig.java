package org.millrace.host.config;

import org.millrace.spi.plugin.Setting;

/**
 * Tables.
 *
 * @param create how a table comes into being
 */
public record TablesConfig(
        @Setting(value = "auto", doc = "auto: a table is made by its first record; declared: by its definition alone")
        Creation create) {
    /** How a table comes into being. */
    public enum Creation {
        /** By the first record that is written to it. */
        AUTO,
        /** By a definition; records in other tables are refused. */
        DECLARED
    }
}
