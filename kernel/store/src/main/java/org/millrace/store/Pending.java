package org.millrace.store;

import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Version;

/**
 * The state of a record that is decided, but not yet in the map on disk.
 *
 * @param key the record's key
 * @param path the record
 * @param seq the change that made it so
 * @param version the change's version
 * @param entry the record; null if it was removed
 * @param ranOut whether it was removed because its time had run out
 * @param indexed its entries in indexes; null if it has none or they have not been looked for
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Pending(
        byte[] key,
        Path path,
        long seq,
        Version version,
        @Nullable StoredEntry entry,
        boolean ranOut,
        @Nullable IndexEntries indexed) {
    /** What a state is reckoned to need besides its content: objects, map nodes, the key. */
    private static final int OVERHEAD = 320;

    /** The state after a change that alters its record. */
    static Pending of(byte[] key, Change change) {
        long seq = change.cursor().position();
        return new Pending(
                key,
                change.path(),
                seq,
                change.version(),
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
                        .orElse(null),
                change.kind() == ChangeKind.EXPIRE,
                null);
    }

    /** This state with its entries in the present indexes of its table. */
    Pending indexed(IndexCatalog catalog) {
        TableIndexes indexes = catalog.isEmpty() ? null : catalog.of(path.table());
        return indexes == null ? this : new Pending(key, path, seq, version, entry, ranOut, entries(indexes));
    }

    /** Its entries in some indexes, computed unless they are known. */
    IndexEntries entries(TableIndexes indexes) {
        IndexEntries known = indexed;
        if (known != null && known.by() == indexes) {
            return known;
        }
        return entry == null
                ? IndexEntries.none(indexes)
                : new IndexEntries(indexes, indexes.keys(key, entry.entry().content()));
    }

    /** Roughly what this takes on the heap. */
    int weight() {
        return OVERHEAD
                + 2 * key.length
                + (entry == null ? 0 : entry.entry().content().size())
                + (indexed == null ? 0 : indexed.weight());
    }
}
