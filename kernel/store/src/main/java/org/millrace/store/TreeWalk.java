package org.millrace.store;

import java.nio.ByteBuffer;
import org.millrace.store.kv.Kv;
import org.millrace.store.kv.KvCursor;
import org.millrace.store.kv.Tree;

/** Goes through all entries of a tree, with a new snapshot every few thousand. Used by one thread; blocks. */
final class TreeWalk {
    private static final int CHUNK = 4_096;

    private final Kv kv;
    private final Tree tree;
    private byte[] position = {};

    /** What is done with each entry. */
    @FunctionalInterface
    interface Visit {
        /** Looks at an entry; the value is invalid afterwards. */
        void entry(byte[] key, ByteBuffer value);
    }

    TreeWalk(Kv kv, Tree tree) {
        this.kv = kv;
        this.tree = tree;
    }

    /** Visits the next few thousand entries; returns false at the end. */
    boolean some(Visit visit) {
        return kv.read(snapshot -> {
            KvCursor cursor = snapshot.cursor(tree, position, false);
            for (int i = 0; i < CHUNK; i++) {
                if (!cursor.next()) {
                    return false;
                }
                position = cursor.key();
                visit.entry(position, cursor.value());
            }
            return true;
        });
    }
}
