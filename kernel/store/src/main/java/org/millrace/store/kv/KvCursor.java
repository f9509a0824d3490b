package org.millrace.store.kv;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A place in a tree. Used by one thread, within {@link Kv#read}; invalid after it. */
public interface KvCursor {
    /**
     * Steps to the next entry.
     *
     * @return false at the end of the tree
     */
    boolean next();

    /**
     * Moves to the first entry whose key is not less than another.
     *
     * @param key where to go; need not exist
     * @return false if there is none
     */
    boolean seek(byte[] key);

    /**
     * Moves to the last entry whose key is less than another.
     *
     * @param key need not exist; null stands behind every key
     * @return false if there is none
     */
    boolean seekBefore(byte @Nullable [] key);

    /**
     * The key of the present entry, copied.
     *
     * @return a new array
     */
    byte[] key();

    /**
     * The value of the present entry.
     *
     * @return a view, big-endian; invalid after the next step
     */
    ByteBuffer value();
}
