package org.millrace.query;

import java.util.Optional;
import org.millrace.content.AttributePath;

/**
 * The ways in which the records of one table can be read. Safe for use by any thread; what it gives belongs to one
 * query.
 */
public interface TableAccess {
    /**
     * All records, in the order of ids.
     *
     * @return a new source
     */
    RecordSource scan();

    /**
     * Records whose ids start with a text, and perhaps others, in the order of ids.
     *
     * @param idPrefix empty for all
     * @return a new source
     */
    default RecordSource scan(String idPrefix) {
        return scan();
    }

    /**
     * What is known of an attribute's index.
     *
     * @param attribute any; for {@code $id}, whether records are found by it
     * @return empty if there is none
     */
    Optional<IndexInfo> index(AttributePath attribute);

    /**
     * About how many records lie in a range.
     *
     * @param range of an index that can be read
     * @param atMost where counting stops
     * @return at most {@code atMost}
     */
    int count(IndexRead.Range range, int atMost);

    /**
     * Records that indexes find, in the order of ids. Each is as it is when it is read; one that has been changed since
     * it was found may not belong there any more, unless the read is made of {@link ValueRange.Point}s alone.
     *
     * @param read which; of indexes that can be read
     * @return a new source; if it would have to hold too much in memory, or an index is dropped meanwhile, it gives all
     *     records from there on
     */
    RecordSource byId(IndexRead read);

    /**
     * Records in the order of an attribute.
     *
     * @param range which, of an index that can be read
     * @param descending whether the greatest comes first; records of one run come in the order of ids either way
     * @return a new source
     */
    OrderedSource inOrder(IndexRead.Range range, boolean descending);

    /**
     * What a query has to know of an index.
     *
     * @param isReady whether it can be read; it is being built otherwise
     * @param state for people, such as {@code building, 300 of 1000 records}
     */
    record IndexInfo(boolean isReady, String state) {}

    /**
     * A table without indexes.
     *
     * @param source its records
     * @return a way to read them once
     */
    static TableAccess of(RecordSource source) {
        return new ScannedTable(source);
    }
}
