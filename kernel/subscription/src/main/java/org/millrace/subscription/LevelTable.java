package org.millrace.subscription;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.security.SecureRandom;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The children of a trie node by name: an open-addressed hash table that one thread at a time may change (the trie's
 * lock) while others search it without a lock. It looks names up as part of a longer text, so a search makes no
 * objects, and has no entry objects either.
 */
final class LevelTable<T> {
    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(TrieLevel[].class);
    // No '/' can be part of a level's name, so this one is never found; it keeps the probe sequences whole.
    private static final TrieLevel<?> REMOVED = new TrieLevel.Node<>("\0removed");
    // Secret, so that a client cannot choose names that collide and slow the others down.
    private static final long SEED = new SecureRandom().nextLong() | 1;

    private volatile @Nullable TrieLevel<T>[] slots = newSlots(2);
    private int size;
    private int used;

    static int hash(String text, int from, int to) {
        long h = SEED;
        for (int i = from; i < to; i++) {
            h = (h ^ text.charAt(i)) * SEED;
            h ^= h >>> 31;
        }
        return (int) (h ^ h >>> 32);
    }

    @Nullable
    TrieLevel<T> find(String text, int from, int to) {
        @Nullable TrieLevel<T>[] table = slots;
        int mask = table.length - 1;
        for (int i = hash(text, from, to) & mask; ; i = i + 1 & mask) {
            TrieLevel<T> level = get(table, i);
            if (level == null || (level != REMOVED && level.is(text, from, to))) {
                return level;
            }
        }
    }

    /** Adds the names of the children, up to so many in all. */
    void addNames(Set<String> names, int most) {
        for (TrieLevel<T> level : slots) {
            if (level != null && level != REMOVED && names.size() < most) {
                names.add(level.name());
            }
        }
    }

    /** Adds a child whose name is not there. */
    void put(TrieLevel<T> child) {
        if ((used + 1) * 4 > slots.length * 3) {
            rebuild();
        }
        used += insert(slots, child) ? 1 : 0;
        size++;
    }

    void replace(TrieLevel<T> old, TrieLevel<T> child) {
        SLOT.setRelease(slots, indexOf(old), child);
    }

    /**
     * Removes a child that is there.
     *
     * @return how many are left
     */
    int remove(TrieLevel<T> child) {
        SLOT.setRelease(slots, indexOf(child), REMOVED);
        if (--size > 0 && size * 8 < slots.length) {
            rebuild();
        }
        return size;
    }

    private int indexOf(TrieLevel<T> child) {
        @Nullable TrieLevel<T>[] table = slots;
        int mask = table.length - 1;
        int i = child.hash() & mask;
        while (table[i] != child) {
            i = i + 1 & mask;
        }
        return i;
    }

    /** Readers of the old table go on with it: it stays as it is. */
    private void rebuild() {
        int capacity = 2;
        while (capacity * 2 < (size + 1) * 3) {
            capacity *= 2;
        }
        @Nullable TrieLevel<T>[] table = newSlots(capacity);
        for (TrieLevel<T> level : slots) {
            if (level != null && level != REMOVED) {
                insert(table, level);
            }
        }
        used = size;
        slots = table;
    }

    /** Returns false if the place of a removed child was used again. */
    private static <T> boolean insert(@Nullable TrieLevel<T>[] table, TrieLevel<T> child) {
        int mask = table.length - 1;
        int i = child.hash() & mask;
        while (table[i] != null && table[i] != REMOVED) {
            i = i + 1 & mask;
        }
        boolean fresh = table[i] == null;
        SLOT.setRelease(table, i, child);
        return fresh;
    }

    @SuppressWarnings("unchecked") // the table holds levels of its trie only, and the sentinel, which is filtered
    private static <T> @Nullable TrieLevel<T> get(@Nullable TrieLevel<T>[] table, int i) {
        return (TrieLevel<T>) SLOT.getAcquire(table, i);
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // generic arrays cannot be made otherwise
    private static <T> @Nullable TrieLevel<T>[] newSlots(int capacity) {
        return new TrieLevel[capacity];
    }
}
