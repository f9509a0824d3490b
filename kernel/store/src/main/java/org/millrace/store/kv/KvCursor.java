package org.millrace.store.kv;

import java.nio.ByteBuffer;

/** A place in a tree. Used by one thread, within {@link Kv#read}; invalid after it. */
public interface KvCursor {
    /**
     * Steps to the next entry.
     *
     * @return false at the end of the tree
     */
    boolean next();

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
