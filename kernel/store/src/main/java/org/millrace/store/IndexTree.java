package org.millrace.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.content.AttributePath;
import org.millrace.store.kv.Kv;
import org.millrace.store.kv.KvCursor;
import org.millrace.store.kv.KvTransaction;
import org.millrace.store.kv.Tree;

/**
 * Secondary indexes in the map on disk: their entries, and for each index a note of what it is and how far its building
 * has come, so that both survive together. Writes: the applier thread.
 *
 * <p>A note's key is {@code index/} and the index's number; its value:
 *
 * <pre>
 *  0  form of the entries (1)   2  table      (u16 length, UTF-8)
 *  1  state                        attribute  (u16 length, UTF-8)
 *                                  key of the last record that was entered while building, to the end
 * </pre>
 */
final class IndexTree {
    /** Raised whenever {@link IndexKey} or {@link ValueKey} change: indexes of another form are built anew. */
    private static final byte FORM = 1;

    private static final byte[] PREFIX = "index/".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NEXT = "next-index".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] START = {};

    private final Kv kv;

    /**
     * An index as it is noted on disk.
     *
     * @param index the index
     * @param position the last record entered; empty for none
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Note(Index index, byte[] position) {}

    IndexTree(Kv kv) {
        this.kv = kv;
    }

    /** All indexes of the map. Those whose entries are of another form come out to be dropped. */
    List<Note> load() {
        return kv.read(snapshot -> {
            List<Note> notes = new ArrayList<>();
            KvCursor cursor = snapshot.cursor(Tree.META, PREFIX, true);
            while (cursor.next()) {
                byte[] key = cursor.key();
                if (!startsWith(key, PREFIX)) {
                    break;
                }
                notes.add(read(ByteBuffer.wrap(key).getInt(PREFIX.length), cursor.value()));
            }
            return notes;
        });
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static Note read(int id, ByteBuffer value) {
        boolean known = value.get() == FORM;
        Index.State state = Index.State.values()[value.get()];
        String table = text(value);
        AttributePath attribute = AttributePath.parse(text(value));
        byte[] position = new byte[value.remaining()];
        value.get(position);
        return new Note(new Index(id, table, attribute, known ? state : Index.State.DROPPING), position);
    }

    private static String text(ByteBuffer value) {
        byte[] utf8 = new byte[value.getShort() & 0xFFFF];
        value.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /** A number no index of this map has had. */
    int nextId() {
        Long next = kv.get(Tree.META, NEXT, this, (nothing, value) -> value.getLong(value.position()));
        return next == null ? 1 : next.intValue();
    }

    /** Notes a new index. */
    void create(Index index) {
        kv.write(tx -> {
            tx.put(Tree.META, NEXT, Long.BYTES).putLong(index.id() + 1L);
            note(tx, index, index.state(), START);
        });
    }

    /** Notes a state. */
    void note(Index index, Index.State state) {
        kv.write(tx -> note(tx, index, state, START));
    }

    private static void note(KvTransaction tx, Index index, Index.State state, byte[] position) {
        byte[] table = index.table().getBytes(StandardCharsets.UTF_8);
        byte[] attribute = index.attribute().toString().getBytes(StandardCharsets.UTF_8);
        tx.put(Tree.META, noteKey(index), 2 + 2 + table.length + 2 + attribute.length + position.length)
                .put(FORM)
                .put((byte) state.ordinal())
                .putShort((short) table.length)
                .put(table)
                .putShort((short) attribute.length)
                .put(attribute)
                .put(position);
    }

    private static byte[] noteKey(Index index) {
        return ByteBuffer.allocate(PREFIX.length + Integer.BYTES)
                .put(PREFIX)
                .putInt(index.id())
                .array();
    }

    /**
     * Enters records that were there before the index.
     *
     * @param entries sorted by their keys
     * @param position the last record read
     */
    void enter(Index index, List<Entry> entries, byte[] position) {
        kv.write(tx -> {
            for (Entry entry : entries) {
                put(tx, entry.key(), entry.recordKey());
            }
            note(tx, index, Index.State.BUILDING, position);
        });
    }

    /**
     * An entry of an index.
     *
     * @param key its key
     * @param recordKey the record it leads to
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Entry(byte[] key, byte[] recordKey) {}

    /** Removes entries of a dropped index; without any, the note of it. Returns whether it is gone. */
    boolean remove(Index index, int most) {
        List<byte[]> keys = kv.read(snapshot -> {
            KeyInterval all = IndexKey.all(index.id());
            List<byte[]> found = new ArrayList<>();
            KvCursor cursor = snapshot.cursor(Tree.INDEXES, all.from(), true);
            while (found.size() < most && cursor.next()) {
                byte[] key = cursor.key();
                if (all.endsBefore(key)) {
                    break;
                }
                found.add(key);
            }
            return found;
        });
        kv.write(tx -> {
            keys.forEach(key -> tx.delete(Tree.INDEXES, key));
            if (keys.size() < most) {
                tx.delete(Tree.META, noteKey(index));
            }
        });
        return keys.size() < most;
    }

    /**
     * Moves a record from its former entries to its present ones.
     *
     * @param before what its former content gave; null if there was none
     */
    static void move(KvTransaction tx, byte[] recordKey, @Nullable IndexEntries before, IndexEntries now) {
        List<Index> indexes = now.by().indexes();
        for (int i = 0; i < indexes.size(); i++) {
            byte[] left = before == null ? null : before.keys()[i];
            byte[] entered = now.keys().length == 0 ? null : now.keys()[i];
            boolean same = left != null && entered != null && Arrays.equals(left, entered);
            if (left != null && !same) {
                tx.delete(Tree.INDEXES, left);
            }
            // While an index is built the former entry may not be there yet.
            if (entered != null && (!same || indexes.get(i).state() == Index.State.BUILDING)) {
                put(tx, entered, recordKey);
            }
        }
    }

    private static void put(KvTransaction tx, byte[] key, byte[] recordKey) {
        if (IndexKey.isShortened(IndexKey.suffixOf(key))) {
            tx.put(Tree.INDEXES, key, recordKey.length).put(recordKey);
        } else {
            tx.put(Tree.INDEXES, key, 0);
        }
    }
}
