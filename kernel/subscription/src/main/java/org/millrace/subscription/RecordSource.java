package org.millrace.subscription;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Path;
import org.millrace.store.RecordStore;
import org.millrace.store.ScanRange;
import org.millrace.store.StoredEntry;

/** What the engine needs of the store: the present records. Any thread may call; calls may touch the disk. */
public interface RecordSource {
    /**
     * The records of a store.
     *
     * @param store stays the caller's to close, after the engine
     * @return its records
     */
    static RecordSource of(RecordStore store) {
        return new RecordSource() {
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
        };
    }

    /**
     * Reads one record.
     *
     * @param path its path
     * @return null if there is none, or if it has expired
     */
    @Nullable
    StoredEntry get(Path path);

    /**
     * Reads one slice of a range. What was {@link ChangeSource#publishedSeq() published} before the call is visible in
     * it. Nothing is held open between calls.
     *
     * @param range which paths
     * @param after only paths behind this one in the {@link #compare order} of scans; null for the beginning
     * @param maxEntries how many at most
     * @param maxBytes after about how many bytes to end the slice; at least one record is given if there is one
     * @return the records, in order; empty only if the range has none behind {@code after}
     */
    List<StoredEntry> scan(ScanRange range, @Nullable Path after, int maxEntries, int maxBytes);

    /**
     * The order in which a scan gives paths: their own, but for very long ones.
     *
     * @param a a path
     * @param b another
     * @return negative if {@code a} comes first
     */
    int compare(Path a, Path b);
}
