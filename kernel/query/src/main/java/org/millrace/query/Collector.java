package org.millrace.query;

import java.util.List;
import org.millrace.spi.resource.Row;

/** Makes rows of the records that fulfil a query's conditions. Used by one thread at a time. */
interface Collector {
    /** Takes the next matching record. */
    void add(RecordAttributes entry);

    /** Whether further records alter nothing. */
    boolean isFull();

    /** Gives rows that are ready; {@code scanned} says that no record comes any more. */
    List<Row> take(int maxRows, boolean scanned);

    /** Whether no row waits. Asked when no record comes any more and after {@link #take} was told so. */
    boolean isEmpty();
}
