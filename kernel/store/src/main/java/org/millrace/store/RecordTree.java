package org.millrace.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Path;
import org.millrace.store.kv.Kv;
import org.millrace.store.kv.KvCursor;
import org.millrace.store.kv.KvTransaction;
import org.millrace.store.kv.Tree;
import org.millrace.store.kv.ValueReader;

/**
 * The records in the map on disk: how states get in, with an index of the times at which records expire, and how they
 * are read. It also keeps the number of the last journaled change the map contains, in the same transactions.
 *
 * <p>Reads: any thread. Writes: one thread at a time.
 */
final class RecordTree {
    private static final byte[] FORMAT = "format".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NODE = "node".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] APPLIED = "applied-seq".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] START = {};
    private static final ValueReader<Object, Long> AS_LONG = (nothing, value) -> value.getLong(value.position());
    private static final ValueReader<Object, Standing> AS_STANDING =
            (nothing, value) -> new Standing(RecordCodec.version(value), RecordCodec.expiryMillis(value));

    private final Kv kv;
    private final RecordCodec codec;
    private final IndexCatalog indexes;
    private final Tombstones tombstones;
    private final ValueReader<PointRead, StoredEntry> asEntry;
    private final RecordEncoder encoder = new RecordEncoder();

    /** What a point read hands to its reader. */
    private record PointRead(Path path, LongSupplier now) {}

    /** A tree without secondary indexes and without a memory of removals. */
    RecordTree(Kv kv, RecordCodec codec) {
        this(kv, codec, new IndexCatalog(), new Tombstones(kv, Clock.systemUTC(), Duration.ZERO));
    }

    RecordTree(Kv kv, RecordCodec codec, IndexCatalog indexes, Tombstones tombstones) {
        this.kv = kv;
        this.codec = codec;
        this.indexes = indexes;
        this.tombstones = tombstones;
        this.asEntry = (read, value) -> {
            long expiry = RecordCodec.expiryMillis(value);
            // Most records never expire; the time is asked for when it matters.
            boolean isOver = expiry != Expiry.NEVER && expiry <= read.now().getAsLong();
            return isOver ? null : codec.decode(read.path(), value);
        };
    }

    /** The record of a path, or null if there is none or its time, in milliseconds, has run out. */
    @Nullable
    StoredEntry get(Path path, LongSupplier now) {
        return kv.get(Tree.RECORDS, RecordKey.of(path), new PointRead(path, now), asEntry);
    }

    /** What preconditions need to know of a record, without its content; null if there is none. */
    @Nullable
    Standing standing(byte[] key) {
        return kv.get(Tree.RECORDS, key, this, AS_STANDING);
    }

    /** The last journaled change the map contains; 0 for a new map. */
    long appliedSeq() {
        Long seq = kv.get(Tree.META, APPLIED, this, AS_LONG);
        return seq == null ? 0 : seq;
    }

    /** The node whose records the map holds; 0 if it was never claimed. */
    long node() {
        Long node = kv.get(Tree.META, NODE, this, AS_LONG);
        return node == null ? 0 : node;
    }

    /** The format the map was written in; 0 if it was never claimed. */
    long format() {
        Long format = kv.get(Tree.META, FORMAT, this, AS_LONG);
        return format == null ? 0 : format;
    }

    /**
     * Claims a new map for a node, or checks that it is that node's and of a format this release reads.
     *
     * @throws StoreOpenException if it is not
     */
    void claim(long node, java.nio.file.Path directory) {
        Long format = kv.get(Tree.META, FORMAT, this, AS_LONG);
        if (format == null) {
            kv.write(tx -> {
                tx.put(Tree.META, FORMAT, Long.BYTES).putLong(RecordCodec.FORMAT);
                tx.put(Tree.META, NODE, Long.BYTES).putLong(node);
            });
            return;
        }
        if (format != RecordCodec.FORMAT) {
            throw new StoreOpenException("the records in " + directory + " are of format " + format
                    + "; this release reads format " + RecordCodec.FORMAT
                    + ". Start the release that wrote them, or restore a backup of this one");
        }
        Long owner = kv.get(Tree.META, NODE, this, AS_LONG);
        if (owner == null || owner != node) {
            throw new StoreOpenException("the records in " + directory + " belong to node "
                    + (owner == null ? "?" : Long.toHexString(owner)) + ", but the journal is that of node "
                    + Long.toHexString(node)
                    + ". Put the journal and the records of one node together, or remove the records directory to have"
                    + " it built anew from a complete journal");
        }
    }

    /**
     * Writes states and the number up to which the map is complete then, in one synced transaction.
     *
     * @param states at most one per record, in key order
     * @param appliedSeq all changes up to this one are contained afterwards
     */
    void commit(List<Pending> states, long appliedSeq) {
        kv.write(tx -> {
            // Only where some record expires must the former value be looked at.
            boolean someExpire = tx.entries(Tree.EXPIRY) > 0;
            for (Pending state : states) {
                if (someExpire) {
                    removeExpiry(tx, state.key());
                }
                reindex(tx, state);
                someExpire |= put(tx, state);
                tombstones.note(tx, state);
            }
            tx.put(Tree.META, APPLIED, Long.BYTES).putLong(appliedSeq);
        });
    }

    /** Before the record itself is written: its former content says which entries it has. */
    private void reindex(KvTransaction tx, Pending state) {
        TableIndexes table = indexes.isEmpty() ? null : indexes.of(state.path().table());
        if (table == null) {
            return;
        }
        ByteBuffer before = tx.get(Tree.RECORDS, state.key());
        IndexEntries left = before == null
                ? null
                : new IndexEntries(
                        table,
                        table.keys(
                                state.key(),
                                codec.decode(state.path(), before).entry().content()));
        IndexTree.move(tx, state.key(), left, state.entries(table));
    }

    private static void removeExpiry(KvTransaction tx, byte[] key) {
        ByteBuffer before = tx.get(Tree.RECORDS, key);
        if (before != null) {
            long expiry = RecordCodec.expiryMillis(before);
            if (expiry != Expiry.NEVER) {
                tx.delete(Tree.EXPIRY, expiryKey(expiry, key));
            }
        }
    }

    /** Returns whether the record will expire. */
    private boolean put(KvTransaction tx, Pending state) {
        StoredEntry entry = state.entry();
        if (entry == null) {
            tx.delete(Tree.RECORDS, state.key());
            return false;
        }
        encoder.take(state.key(), entry);
        encoder.writeTo(tx.put(Tree.RECORDS, state.key(), encoder.size()));
        long expiry = Expiry.millis(entry.entry().expiresAt());
        if (expiry == Expiry.NEVER) {
            return false;
        }
        tx.put(Tree.EXPIRY, expiryKey(expiry, state.key()), 0);
        return true;
    }

    /** Sorts by time, then by key. */
    static byte[] expiryKey(long expiryMillis, byte[] key) {
        return ByteBuffer.allocate(Long.BYTES + key.length)
                .putLong(expiryMillis ^ Long.MIN_VALUE)
                .put(key)
                .array();
    }

    /**
     * Records on disk whose time has run out.
     *
     * @param paths the records
     * @param last where the next batch goes on; null if this was the last
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Due(List<Path> paths, byte @Nullable [] last) {}

    /** Finds records whose time has run out, soonest first, from behind a place of an earlier batch. */
    Due due(byte @Nullable [] after, long nowMillis, int limit) {
        List<byte[]> found = new ArrayList<>();
        boolean more = kv.read(snapshot -> {
            KvCursor cursor = snapshot.cursor(Tree.EXPIRY, after == null ? START : after, false);
            while (cursor.next()) {
                byte[] key = cursor.key();
                if ((ByteBuffer.wrap(key).getLong() ^ Long.MIN_VALUE) > nowMillis) {
                    return false;
                }
                found.add(key);
                if (found.size() == limit) {
                    return true;
                }
            }
            return false;
        });
        List<Path> paths = new ArrayList<>(found.size());
        for (byte[] indexKey : found) {
            Path path = path(java.util.Arrays.copyOfRange(indexKey, Long.BYTES, indexKey.length));
            if (path != null) {
                paths.add(path);
            }
        }
        return new Due(paths, more ? found.getLast() : null);
    }

    private @Nullable Path path(byte[] key) {
        return RecordKey.isShortened(key)
                ? kv.get(
                        Tree.RECORDS,
                        key,
                        key,
                        (k, value) -> codec.decode(k, value).entry().path())
                : RecordKey.path(key);
    }

    /** What is remembered of removals. */
    Tombstones tombstones() {
        return tombstones;
    }

    /** The map, for scans. */
    Kv kv() {
        return kv;
    }

    RecordCodec codec() {
        return codec;
    }
}
