package org.millrace.store;

import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;

/**
 * The state of a record that is decided, but not yet in the map on disk.
 *
 * @param key the record's key
 * @param path the record
 * @param seq the change that made it so
 * @param entry the record; null if it was removed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Pending(byte[] key, Path path, long seq, @Nullable StoredEntry entry) {
    /** What a state is reckoned to need besides its content: objects, map nodes, the key. */
    private static final int OVERHEAD = 320;

    /** The state after a change that alters its record. */
    static Pending of(byte[] key, Change change) {
        long seq = change.cursor().position();
        return new Pending(
                key,
                change.path(),
                seq,
                change.content()
                        .map(content -> new StoredEntry(
                                new Entry(
                                        change.path(),
                                        content,
                                        change.version(),
                                        change.properties(),
                                        change.expiresAt(),
                                        change.qos()),
                                seq))
                        .orElse(null));
    }

    /** Roughly what this takes on the heap. */
    int weight() {
        return OVERHEAD
                + 2 * key.length
                + (entry == null ? 0 : entry.entry().content().size());
    }
}
