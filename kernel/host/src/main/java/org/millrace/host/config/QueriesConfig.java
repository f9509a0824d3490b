package org.millrace.host.config;

import org.millrace.query.QueryLimits;
import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.Setting;

/**
 * What one query may cost.
 *
 * @param sortedRows how many rows are sorted in memory
 * @param sortedSize how many bytes these have
 * @param groups how many groups aggregates are computed for
 * @param walkedRecords how many records are looked at in the order of an index before it is asked whether it is worth it
 * @param joinedMatches how many records of another table are read to find by them which of the asked one are looked at
 * @param joinedReads how many records of other tables are read for one row
 * @param joinedRecords how many of these a row shows
 * @param joinedSize how many bytes these have
 */
public record QueriesConfig(
        @Setting(value = "100000", min = 1, max = 10_000_000, doc = "most rows a query sorts in memory")
        int sortedRows,

        @Setting(value = "64MiB", min = 1 << 10, doc = "most bytes of rows a query sorts in memory")
        ByteSize sortedSize,

        @Setting(value = "100000", min = 1, max = 10_000_000, doc = "most groups of a query with group()")
        int groups,

        @Setting(
                value = "10000",
                min = 0,
                max = 10_000_000,
                doc = "records looked at in the order of an index; a query of which hardly any of them is a row"
                        + " scans and sorts from there on")
        int walkedRecords,

        @Setting(
                value = "1000",
                min = 0,
                max = 100_000,
                doc = "most records of another table that are read to find by index the rows of a condition on it;"
                        + " beyond, every record of the asked table is looked at")
        int joinedMatches,

        @Setting(value = "10000", min = 1, max = 10_000_000, doc = "most records of other tables read for one row")
        int joinedReads,

        @Setting(value = "1000", min = 1, max = 1_000_000, doc = "most records of other tables one row shows")
        int joinedRecords,

        @Setting(value = "4MiB", min = 1 << 10, doc = "most bytes of records of other tables one row shows")
        ByteSize joinedSize) {
    /**
     * The same, as the query engine takes it.
     *
     * @return limits
     */
    public QueryLimits limits() {
        return new QueryLimits(
                sortedRows,
                sortedSize.bytes(),
                groups,
                walkedRecords,
                joinedMatches,
                joinedReads,
                joinedRecords,
                joinedSize.bytes());
    }
}
