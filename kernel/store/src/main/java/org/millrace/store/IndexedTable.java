package org.millrace.store;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.millrace.content.AttributePath;
import org.millrace.query.IndexRead;
import org.millrace.query.OrderedSource;
import org.millrace.query.RecordSource;
import org.millrace.query.TableAccess;
import org.millrace.spi.resource.Path;
import org.millrace.store.kv.KvException;

/** A table of the store, as queries read it. */
final class IndexedTable implements TableAccess {
    private static final int SLICE_BYTES = 256 << 10;

    /** How many records a range may have to be read by its index in the order of ids; beyond, a scan is as good. */
    private static final int MOST_FOUND = 50_000;

    private final String name;
    private final RecordStore store;
    private final IndexReader reader;
    private final TableIndexes indexes;

    IndexedTable(String name, RecordStore store, IndexReader reader, IndexCatalog catalog) {
        this.name = name;
        this.store = store;
        this.reader = reader;
        TableIndexes declared = catalog.of(name);
        this.indexes = declared != null ? declared : new TableIndexes(name, List.of());
    }

    @Override
    public RecordSource scan() {
        return scan("");
    }

    @Override
    public RecordSource scan(String idPrefix) {
        ScanRange range = idPrefix.isEmpty() ? ScanRange.table(name) : ScanRange.prefix(name + "/" + idPrefix);
        return (@Nullable Path after, int maxRows) -> store.scan(range, after, maxRows, SLICE_BYTES).stream()
                .map(StoredEntry::entry)
                .toList();
    }

    @Override
    public Optional<IndexInfo> index(AttributePath attribute) {
        if (attribute.equals(TableIndexes.ID)) {
            return Optional.of(new IndexInfo(true, "ready"));
        }
        Index index = indexes.of(attribute);
        return index == null ? Optional.empty() : Optional.of(info(index.status()));
    }

    private static IndexInfo info(IndexStatus status) {
        if (status.isReady()) {
            return new IndexInfo(true, "ready");
        }
        String of = status.recordsToIndex() < 0 ? "" : " of " + status.recordsToIndex();
        return new IndexInfo(false, "building, " + status.indexedRecords() + of + " records");
    }

    @Override
    public int count(IndexRead.Range range, int atMost) {
        if (range.attribute().equals(TableIndexes.ID)) {
            return 1;
        }
        try {
            return reader.count(IndexKey.interval(require(range).id(), range.range()), atMost);
        } catch (KvException e) {
            throw RecordStore.translated(e);
        }
    }

    @Override
    public RecordSource byId(IndexRead read) {
        return new RecordsByIndex(read, indexes, reader, scan(), MOST_FOUND);
    }

    @Override
    public OrderedSource inOrder(IndexRead.Range range, boolean descending) {
        Index index = require(range);
        return new RecordsInOrder(index, indexes, IndexKey.interval(index.id(), range.range()), descending, reader);
    }

    private Index require(IndexRead.Range range) {
        Index index = indexes.of(range.attribute());
        if (index == null) {
            throw new IllegalArgumentException("table " + name + " has no index of " + range.attribute());
        }
        return index;
    }
}
