package org.millrace.query;

import java.util.List;
import org.millrace.spi.resource.Entry;

/** The records of one table in the order of an attribute, as an index has them. Used by one thread at a time. */
@FunctionalInterface
public interface OrderedSource {
    /**
     * Reads on. A record whose attribute is changed meanwhile may come twice or not at all.
     *
     * @param maxRecords how many at most
     * @return the next records; empty at the end
     */
    List<Found> read(int maxRecords);

    /**
     * A record met in an index.
     *
     * @param entry the record
     * @param run records of equal index keys have equal numbers; greater ones come later
     * @param isRough whether the key is only the beginning of the value, so that records of this run are in no order
     */
    record Found(Entry entry, long run, boolean isRough) {}
}
