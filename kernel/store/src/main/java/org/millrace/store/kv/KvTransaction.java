package org.millrace.store.kv;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A write transaction. Used by one thread, within {@link Kv#write}. */
public interface KvTransaction {
    /**
     * Reads a value as this transaction sees it.
     *
     * @param tree where to look
     * @param key which key
     * @return a view, big-endian, invalid after the next call on this transaction; null if there is no such key
     */
    @Nullable
    ByteBuffer get(Tree tree, byte[] key);

    /**
     * Sets a key and gives the room for its value, to be filled before the next call on this transaction.
     *
     * @param tree which tree
     * @param key which key
     * @param size the value's size
     * @return exactly {@code size} bytes, big-endian, of undefined content
     */
    ByteBuffer put(Tree tree, byte[] key, int size);

    /**
     * Removes a key.
     *
     * @param tree which tree
     * @param key which key
     * @return false if it was not there
     */
    boolean delete(Tree tree, byte[] key);

    /**
     * How many entries a tree has as this transaction sees it.
     *
     * @param tree which tree
     * @return the number
     */
    long entries(Tree tree);
}
