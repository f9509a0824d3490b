package org.millrace.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Version;
import org.millrace.store.kv.Kv;
import org.millrace.store.kv.KvCursor;
import org.millrace.store.kv.KvException;
import org.millrace.store.kv.KvTransaction;
import org.millrace.store.kv.Tree;
import org.millrace.store.kv.ValueReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers removals for as long as other nodes may still say something older of the record: the version of the removal
 * under the record's key (and the path, if the key is shortened), written in the transaction that removes the record.
 * {@link #tick()} forgets, slice by slice, what has grown older than the horizon.
 *
 * <p>Reading: any thread. {@link #tick()} belongs to the applier thread.
 */
final class Tombstones {
    private static final Logger LOG = LoggerFactory.getLogger(Tombstones.class);
    private static final int SLICE = 4_096;
    private static final int PATH = 2 * Long.BYTES;
    /** The clock's highest bit, which no time before the year 6000 needs. */
    private static final long RAN_OUT = Long.MIN_VALUE;

    private static final byte[] START = {};
    private static final ValueReader<Path, Removal> AS_REMOVAL =
            (path, value) -> new Removal(path, version(value), hasRunOut(value));

    private final Kv kv;
    private final Clock clock;
    private final Duration horizon;
    private final long pauseNanos;
    private byte[] position = START;
    private long nextNanos = System.nanoTime();

    /** What a slice of the walk found. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Slice(List<byte[]> old, byte @Nullable [] last) {}

    /** Removals are remembered unless the horizon is zero. */
    Tombstones(Kv kv, Clock clock, Duration horizon) {
        this.kv = kv;
        this.clock = clock;
        this.horizon = horizon;
        this.pauseNanos = Math.clamp(
                horizon.dividedBy(16).toNanos(), 1_000_000L, Duration.ofHours(1).toNanos());
    }

    boolean areKept() {
        return !horizon.isZero();
    }

    /** A removal that is on disk; null if none is remembered. */
    @Nullable
    Removal find(Path path, byte[] key) {
        return areKept() ? kv.get(Tree.TOMBSTONES, key, path, AS_REMOVAL) : null;
    }

    /** Notes what became of a record, within the transaction that says so of the record itself. */
    void note(KvTransaction tx, Pending state) {
        if (!areKept() || InternalPaths.isPrivate(state.path())) {
            return;
        }
        if (state.entry() != null) {
            tx.delete(Tree.TOMBSTONES, state.key());
        } else {
            // Of a shortened key the path cannot be told.
            byte[] path = RecordKey.isShortened(state.key()) ? state.path().utf8() : START;
            tx.put(Tree.TOMBSTONES, state.key(), PATH + path.length)
                    .putLong(state.version().clock() | (state.ranOut() ? RAN_OUT : 0))
                    .putLong(state.version().node())
                    .put(path);
        }
    }

    /** Removals on disk, in the order of their keys, from behind a key. */
    List<Removal> after(byte[] key, int most) {
        return kv.read(snapshot -> {
            List<Removal> removals = new ArrayList<>();
            KvCursor cursor = snapshot.cursor(Tree.TOMBSTONES, key, false);
            while (removals.size() < most && cursor.next()) {
                ByteBuffer value = cursor.value();
                removals.add(new Removal(path(cursor.key(), value), version(value), hasRunOut(value)));
            }
            return removals;
        });
    }

    private static Path path(byte[] key, ByteBuffer value) {
        if (!RecordKey.isShortened(key)) {
            return RecordKey.path(key);
        }
        byte[] utf8 = new byte[value.remaining() - PATH];
        value.get(value.position() + PATH, utf8);
        return Path.of(new String(utf8, StandardCharsets.UTF_8));
    }

    /** Forgets what one slice of the walk finds too old, if it is time. */
    void tick() {
        if (!areKept() || System.nanoTime() - nextNanos < 0) {
            return;
        }
        long before = clock.millis() - horizon.toMillis();
        byte[] from = position;
        Slice slice = kv.read(snapshot -> {
            List<byte[]> old = new ArrayList<>();
            KvCursor cursor = snapshot.cursor(Tree.TOMBSTONES, from, false);
            for (int i = 0; cursor.next(); i++) {
                if (version(cursor.value()).epochMillis() < before) {
                    old.add(cursor.key());
                }
                if (i == SLICE) {
                    return new Slice(old, cursor.key());
                }
            }
            return new Slice(old, null);
        });
        if (!slice.old().isEmpty() && !forget(slice.old())) {
            nextNanos = System.nanoTime() + pauseNanos;
            return;
        }
        byte[] last = slice.last();
        position = last == null ? START : last;
        nextNanos = System.nanoTime() + (last == null ? pauseNanos : 0);
    }

    /** Returns false if the disk is too full even to delete, which needs pages too. */
    private boolean forget(List<byte[]> old) {
        try {
            kv.write(tx -> old.forEach(key -> tx.delete(Tree.TOMBSTONES, key)));
            return true;
        } catch (KvException e) {
            if (e.kind() != KvException.Kind.DISK_FULL) {
                throw e;
            }
            LOG.debug("old removals are forgotten later", e);
            return false;
        }
    }

    private static Version version(ByteBuffer value) {
        int at = value.position();
        return new Version(value.getLong(at) & ~RAN_OUT, value.getLong(at + Long.BYTES));
    }

    private static boolean hasRunOut(ByteBuffer value) {
        return value.getLong(value.position()) < 0;
    }
}
