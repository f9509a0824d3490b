package org.millrace.store.kv;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The state of the map at one moment. Used by one thread, within {@link Kv#read}. */
public interface KvSnapshot {
    /**
     * Reads a value.
     *
     * @param tree where to look
     * @param key which key
     * @return a view, big-endian, invalid after the snapshot; null if there is no such key
     */
    @Nullable
    ByteBuffer get(Tree tree, byte[] key);

    /**
     * Walks a tree in key order. Several cursors may be open; all are closed with the snapshot.
     *
     * @param tree which tree
     * @param from where to start
     * @param inclusive whether the entry at {@code from} itself is wanted
     * @return a cursor before its first entry
     */
    KvCursor cursor(Tree tree, byte[] from, boolean inclusive);
}
