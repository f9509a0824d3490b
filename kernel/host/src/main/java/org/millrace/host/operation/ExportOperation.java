package org.millrace.host.operation;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.host.control.Operation;
import org.millrace.spi.resource.Path;
import org.millrace.store.RecordStore;
import org.millrace.store.ScanRange;
import org.millrace.store.StoredEntry;

/**
 * Gives all records, or those of a table, a line each. Tables' definitions come first, so that an import has them before
 * their records; of the system's other records none is given. Each record is as it was at some moment during the export.
 */
public final class ExportOperation implements Operation {
    /** The argument that names the one table wanted; absent for all. */
    public static final String TABLE = "table";

    private static final int SLICE = 1_000;
    private static final int SLICE_BYTES = 1 << 20;

    private final RecordStore store;

    /**
     * Makes the operation.
     *
     * @param store the records
     */
    public ExportOperation(RecordStore store) {
        this.store = store;
    }

    @Override
    public String name() {
        return "export";
    }

    @Override
    public Map<String, String> run(Map<String, String> arguments, Exchange exchange) throws IOException {
        @Nullable String table = arguments.get(TABLE);
        List<ScanRange> ranges = table != null
                ? List.of(ScanRange.table(table))
                : List.of(ScanRange.prefix(ImportOperation.DEFINITIONS), ScanRange.NON_SYSTEM);
        Pace pace = new Pace(exchange);
        long count = 0;
        for (ScanRange range : ranges) {
            @Nullable Path after = null;
            while (true) {
                List<StoredEntry> slice = store.scan(range, after, SLICE, SLICE_BYTES);
                if (slice.isEmpty()) {
                    break;
                }
                for (StoredEntry stored : slice) {
                    exchange.output(RecordLine.encode(stored.entry()));
                }
                count += slice.size();
                after = slice.getLast().entry().path();
                long done = count;
                Path at = after;
                pace.at(() -> done + " records, at " + at);
            }
        }
        return Map.of("records", Long.toString(count));
    }
}
