package org.millrace.store;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Walks the overlay's two generations as one, in key order; where both know a record, the younger one is right. Used by
 * one thread.
 */
final class OverlayCursor {
    private static final Source NOTHING = () -> null;

    private final Source young;
    private final Source old;
    private @Nullable Pending nextYoung;
    private @Nullable Pending nextOld;

    /** States in key order. */
    @FunctionalInterface
    interface Source {
        /** The next state, or null at the end. */
        @Nullable
        Pending next();
    }

    OverlayCursor(Source young, @Nullable Source old) {
        this.young = young;
        this.old = old == null ? NOTHING : old;
        this.nextYoung = this.young.next();
        this.nextOld = this.old.next();
    }

    /** The state this stands before, or null at the end. */
    @Nullable
    Pending peek() {
        Pending a = nextYoung;
        Pending b = nextOld;
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return Arrays.compareUnsigned(a.key(), b.key()) <= 0 ? a : b;
    }

    /** Steps over the record this stands before. */
    void step() {
        Pending a = nextYoung;
        Pending b = nextOld;
        int order = a == null ? 1 : b == null ? -1 : Arrays.compareUnsigned(a.key(), b.key());
        if (order <= 0) {
            nextYoung = young.next();
        }
        if (order >= 0) {
            nextOld = old.next();
        }
    }
}
