package org.millrace.query;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;

/** The records of one table as a query walks over them. */
@FunctionalInterface
public interface RecordSource {
    /**
     * Reads a slice in the order of paths. Called by one thread at a time, which it may block.
     *
     * @param after the last record of the slice before; null to begin
     * @param maxRows how many records at most
     * @return the next records; empty at the end of the table
     */
    List<Entry> read(@Nullable Path after, int maxRows);

    /**
     * Whether the records that were read last are known to fulfil what the source was made for, so that nobody needs to
     * look at them.
     *
     * @return false if they have to be looked at
     */
    default boolean isExact() {
        return false;
    }
}
