package org.millrace.store.kv;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.GetOp;
import org.lmdbjava.SeekOp;

/** {@link KvCursor} on LMDB. Owned by the snapshot that opened it. */
final class LmdbCursor implements KvCursor {
    private final Cursor<ByteBuffer> cursor;
    private final ReaderPool.Slot slot;
    private boolean atFirst;
    private boolean atEnd;

    LmdbCursor(Cursor<ByteBuffer> cursor, ReaderPool.Slot slot) {
        this.cursor = cursor;
        this.slot = slot;
    }

    /** Stands before the first entry from a key on. */
    void start(byte[] from, boolean inclusive) {
        atEnd = from.length == 0 ? !cursor.first() : !cursor.get(slot.key(from), GetOp.MDB_SET_RANGE);
        atFirst = true;
        if (!atEnd && !inclusive && cursor.key().equals(ByteBuffer.wrap(from))) {
            atEnd = !cursor.next();
        }
    }

    @Override
    public boolean next() {
        if (atFirst) {
            atFirst = false;
        } else if (!atEnd) {
            atEnd = !cursor.seek(SeekOp.MDB_NEXT);
        }
        return !atEnd;
    }

    @Override
    public boolean seek(byte[] key) {
        atFirst = false;
        atEnd = !cursor.get(slot.key(key), GetOp.MDB_SET_RANGE);
        return !atEnd;
    }

    @Override
    public boolean seekBefore(byte @Nullable [] key) {
        atFirst = false;
        boolean found = key != null && cursor.get(slot.key(key), GetOp.MDB_SET_RANGE) ? cursor.prev() : cursor.last();
        atEnd = !found;
        return found;
    }

    @Override
    public byte[] key() {
        ByteBuffer key = cursor.key();
        byte[] copy = new byte[key.remaining()];
        key.get(key.position(), copy);
        return copy;
    }

    @Override
    public ByteBuffer value() {
        return cursor.val();
    }

    void close() {
        cursor.close();
    }
}
