package org.millrace.query;

import java.util.Map;
import java.util.Optional;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;

/** The tables that a query may join to its own. Used by one thread at a time, which reading may block. */
public interface JoinedTables {
    /** No relationships at all. */
    JoinedTables NONE = new JoinedTables() {
        @Override
        public Map<String, Relationship> relationships(String table) {
            return Map.of();
        }

        @Override
        public void requireReadable(String table) {
            throw new UnsupportedOperationException("there are no relationships");
        }

        @Override
        public TableAccess access(String table) {
            throw new UnsupportedOperationException("there are no relationships");
        }

        @Override
        public Optional<Entry> get(Path path) {
            throw new UnsupportedOperationException("there are no relationships");
        }
    };

    /**
     * What is declared of a table.
     *
     * @param table its name
     * @return by name; empty if there are none
     */
    Map<String, Relationship> relationships(String table);

    /**
     * Checks that the asker may read records of a table, or some of them.
     *
     * @param table its name
     * @throws ResourceException {@link ErrorCode#FORBIDDEN} if he may read none
     */
    void requireReadable(String table);

    /**
     * The records of a table.
     *
     * @param table its name
     * @return a way to read them
     */
    TableAccess access(String table);

    /**
     * One record.
     *
     * @param path which
     * @return empty if there is none
     */
    Optional<Entry> get(Path path);
}
