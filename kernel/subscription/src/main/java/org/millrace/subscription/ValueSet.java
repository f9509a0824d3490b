package org.millrace.subscription;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds none, one or many values in one field: null, the value itself, or a set. The set is an open-addressed table of
 * identities that one thread at a time may change (the trie's lock) while others walk through it without a lock: a
 * hundred thousand subscribers of one topic come and go at constant cost, and the walk is over an array.
 */
final class ValueSet {
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);
    private static final Object REMOVED = new Object();

    private volatile @Nullable Object[] slots = new @Nullable Object[4];
    private int size;
    private int used;

    private ValueSet() {}

    /** What the field holds after adding a value; the same set if there was one. */
    static Object with(@Nullable Object held, Object value) {
        if (held == null || held == value) {
            return value;
        }
        if (held instanceof ValueSet set) {
            set.add(value);
            return set;
        }
        ValueSet set = new ValueSet();
        set.add(held);
        set.add(value);
        return set;
    }

    /** What the field holds after removing a value. */
    static @Nullable Object without(@Nullable Object held, Object value) {
        if (held instanceof ValueSet set) {
            return set.remove(value) == 0 ? null : set;
        }
        return held == value ? null : held;
    }

    static boolean contains(@Nullable Object held, Object value) {
        return held instanceof ValueSet set ? set.indexOf(value) >= 0 : held == value;
    }

    @SuppressWarnings("unchecked") // a trie puts in values of its own type only
    static <T> void forEach(@Nullable Object held, Consumer<? super T> found) {
        if (held instanceof ValueSet set) {
            @Nullable Object[] table = set.slots;
            for (int i = 0; i < table.length; i++) {
                Object value = SLOT.getAcquire(table, i);
                if (value != null && value != REMOVED) {
                    found.accept((T) value);
                }
            }
        } else if (held != null) {
            found.accept((T) held);
        }
    }

    private void add(Object value) {
        if (indexOf(value) >= 0) {
            return;
        }
        if ((used + 1) * 4 > slots.length * 3) {
            rebuild();
        }
        used += insert(slots, value) ? 1 : 0;
        size++;
    }

    private int remove(Object value) {
        int i = indexOf(value);
        if (i >= 0) {
            SLOT.setRelease(slots, i, REMOVED);
            if (--size > 0 && size * 8 < slots.length) {
                rebuild();
            }
        }
        return size;
    }

    private int indexOf(Object value) {
        @Nullable Object[] table = slots;
        int mask = table.length - 1;
        for (int i = hash(value) & mask; table[i] != null; i = i + 1 & mask) {
            if (table[i] == value) {
                return i;
            }
        }
        return -1;
    }

    private void rebuild() {
        int capacity = 4;
        while (capacity * 2 < (size + 1) * 3) {
            capacity *= 2;
        }
        @Nullable Object[] table = new @Nullable Object[capacity];
        for (Object value : slots) {
            if (value != null && value != REMOVED) {
                insert(table, value);
            }
        }
        used = size;
        slots = table;
    }

    private static boolean insert(@Nullable Object[] table, Object value) {
        int mask = table.length - 1;
        int i = hash(value) & mask;
        while (table[i] != null && table[i] != REMOVED) {
            i = i + 1 & mask;
        }
        boolean fresh = table[i] == null;
        SLOT.setRelease(table, i, value);
        return fresh;
    }

    private static int hash(Object value) {
        int h = System.identityHashCode(value) * 0x9E3779B9;
        return h ^ h >>> 16;
    }
}
