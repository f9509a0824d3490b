package org.millrace.query;

import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** What the joins of one record of a query may cost. Owned by that record. */
final class JoinBudget {
    private final QueryLimits limits;
    private int looked;
    private int shown;
    private long shownBytes;

    JoinBudget(QueryLimits limits) {
        this.limits = limits;
    }

    /** Counts a record that was read to find out whether it is joined. */
    void look(JoinStep step) {
        if (++looked > limits.joinedReads()) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE,
                    "the query would read more than " + limits.joinedReads() + " records of table '"
                            + step.relationship().table() + "' for one row, by relationship '" + step.name() + "'"
                            + (step.isIndexed()
                                    ? "; ask table '" + step.relationship().table()
                                            + "' itself, or raise queries.joined-reads"
                                    : "; declare an index of '"
                                            + step.relationship().attribute() + "' there"));
        }
    }

    /** Counts a record that a row shows. */
    void show(Entry entry) {
        shown++;
        shownBytes += entry.content().size();
        if (shown > limits.joinedRecords() || shownBytes > limits.joinedBytes()) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE,
                    "a row of the query would show more than " + limits.joinedRecords() + " joined records or "
                            + limits.joinedBytes()
                            + " bytes of them; ask the joined table itself, or raise queries.joined-records and"
                            + " queries.joined-size");
        }
    }
}
