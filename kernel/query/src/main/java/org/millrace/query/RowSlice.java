package org.millrace.query;

import java.util.List;
import org.millrace.spi.resource.Row;

/**
 * What one step of a query gave.
 *
 * @param rows the next rows; may be empty while the query still looks for some
 * @param isLast whether there are no more
 */
public record RowSlice(List<Row> rows, boolean isLast) {
    /** Copies the list. */
    public RowSlice {
        rows = List.copyOf(rows);
    }
}
