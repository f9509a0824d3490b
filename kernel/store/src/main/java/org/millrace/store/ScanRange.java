package org.millrace.store;

import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** Which records a scan walks over. */
public sealed interface ScanRange {
    /** Every record outside the system's own tables: paths that do not start with {@code $}. */
    ScanRange NON_SYSTEM = new NonSystem();

    /** Every record that is not the system's; use {@link #NON_SYSTEM}. */
    record NonSystem() implements ScanRange {}

    /**
     * A table: the record {@code name} itself and all of {@code name/...}.
     *
     * @param name the table's name; empty for the table of the paths that start with a slash
     */
    record Table(String name) implements ScanRange {
        /**
         * Checks the name.
         *
         * @throws ResourceException {@link ErrorCode#INVALID} if it holds a slash
         */
        public Table {
            if (name.indexOf('/') >= 0) {
                throw new ResourceException(ErrorCode.INVALID, "table name '" + name + "' must not hold '/'");
            }
        }
    }

    /**
     * All paths that start with a text.
     *
     * @param text need not end at a level; empty for every record, the system's included
     */
    record Prefix(String text) implements ScanRange {}

    /**
     * A table: the record {@code name} itself and all of {@code name/...}.
     *
     * @param name the table's name
     * @return the range
     */
    static ScanRange table(String name) {
        return new Table(name);
    }

    /**
     * All paths that start with a text.
     *
     * @param text need not end at a level; empty for every record, the system's included
     * @return the range
     */
    static ScanRange prefix(String text) {
        return new Prefix(text);
    }
}
