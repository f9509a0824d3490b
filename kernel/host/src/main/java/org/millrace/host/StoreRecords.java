package org.millrace.host;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Path;
import org.millrace.store.RecordStore;
import org.millrace.store.ScanRange;
import org.millrace.store.StoredEntry;
import org.millrace.subscription.RecordSource;

/** The store as subscriptions read the present state from it. */
record StoreRecords(RecordStore store) implements RecordSource {
    @Override
    public @Nullable StoredEntry get(Path path) {
        return store.get(path);
    }

    @Override
    public List<StoredEntry> scan(ScanRange range, @Nullable Path after, int maxEntries, int maxBytes) {
        return store.scan(range, after, maxEntries, maxBytes);
    }

    @Override
    public int compare(Path a, Path b) {
        return RecordStore.compare(a, b);
    }
}
