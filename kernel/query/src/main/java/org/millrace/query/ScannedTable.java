package org.millrace.query;

import java.util.Optional;
import org.millrace.content.AttributePath;

/** A table without indexes. */
record ScannedTable(RecordSource scan) implements TableAccess {
    @Override
    public Optional<IndexInfo> index(AttributePath attribute) {
        return Optional.empty();
    }

    @Override
    public int count(IndexRead.Range range, int atMost) {
        throw none();
    }

    @Override
    public RecordSource byId(IndexRead read) {
        throw none();
    }

    @Override
    public OrderedSource inOrder(IndexRead.Range range, boolean descending) {
        throw none();
    }

    private static UnsupportedOperationException none() {
        return new UnsupportedOperationException("the table has no index");
    }
}
