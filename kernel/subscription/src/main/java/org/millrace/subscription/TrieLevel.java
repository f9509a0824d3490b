package org.millrace.subscription;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One level of the filters in a {@link TopicTrie}: the part of a text between two slashes. Readers see the volatile
 * fields; only the holder of the trie's lock writes.
 */
abstract sealed class TrieLevel<T> {
    private final String text;
    private final int start;

    private TrieLevel(String text, int start) {
        this.text = text;
        this.start = start;
    }

    /** Whether this level is that part of a text. */
    final boolean is(String other, int from, int to) {
        int length = to - from;
        return text.regionMatches(start, other, from, length) && end(text, start) == start + length;
    }

    /** The level by itself. */
    final String name() {
        return text.substring(start, end(text, start));
    }

    final int hash() {
        return LevelTable.hash(text, start, end(text, start));
    }

    final boolean isPlus() {
        return isPlus(text, start, end(text, start));
    }

    static boolean isPlus(String text, int from, int to) {
        return to - from == 1 && text.charAt(from) == '+';
    }

    /** Whether what is left of a filter is {@code #}; a hash always fills the last level. */
    static boolean isHash(String filter, int from) {
        return from == filter.length() - 1 && filter.charAt(from) == '#';
    }

    /** Where the level that starts here ends: before the next slash. */
    static int end(String text, int from) {
        int slash = text.indexOf('/', from);
        return slash < 0 ? text.length() : slash;
    }

    /** A filter from this level to its end, shared with no other filter. */
    static final class Leaf<T> extends TrieLevel<T> {
        volatile @Nullable Object values;

        Leaf(String filter, int start, Object values) {
            super(filter, start);
            this.values = values;
        }

        private int tail() {
            return end(super.text, super.start) + 1;
        }

        boolean hasTail(String filter, int from) {
            int length = filter.length() - from;
            return super.text.length() - tail() == length && super.text.regionMatches(tail(), filter, from, length);
        }

        /** A node for this level with the rest of the filter below it. */
        Node<T> unfolded() {
            int tail = tail();
            Node<T> node = new Node<>(super.text.substring(super.start, tail - 1));
            Object moved = values;
            if (tail > super.text.length()) {
                node.ends = moved;
            } else if (isHash(super.text, tail)) {
                node.hashes = moved;
            } else if (moved != null) {
                node.put(new Leaf<>(super.text, tail, moved));
            }
            return node;
        }

        /** Whether the levels of the filter behind this one match the topic from a position on. */
        boolean matchesTail(String topic, int from) {
            String filter = super.text;
            int f = tail();
            int t = from;
            while (true) {
                if (f > filter.length()) {
                    return t > topic.length();
                }
                if (isHash(filter, f)) {
                    return true;
                }
                if (t > topic.length()) {
                    return false;
                }
                int fEnd = end(filter, f);
                int tEnd = end(topic, t);
                boolean same = fEnd - f == tEnd - t && filter.regionMatches(f, topic, t, tEnd - t);
                if (!same && !isPlus(filter, f, fEnd)) {
                    return false;
                }
                f = fEnd + 1;
                t = tEnd + 1;
            }
        }
    }

    /** A level that several filters share. */
    static final class Node<T> extends TrieLevel<T> {
        private volatile @Nullable LevelTable<T> literals;
        volatile @Nullable TrieLevel<T> plus;
        /** Of the filters that end at this level. */
        volatile @Nullable Object ends;
        /** Of the filters that end with {@code #} below this level. */
        volatile @Nullable Object hashes;

        Node(String level) {
            super(level, 0);
        }

        @Nullable
        TrieLevel<T> literal(String name, int from, int to) {
            LevelTable<T> table = literals;
            return table == null ? null : table.find(name, from, to);
        }

        @Nullable
        TrieLevel<T> child(String filter, int from, int to) {
            return isPlus(filter, from, to) ? plus : literal(filter, from, to);
        }

        /** Adds the names of the children that are no wildcards, up to about so many. */
        void addNames(Set<String> names, int most) {
            LevelTable<T> table = literals;
            if (table != null) {
                table.addNames(names, most);
            }
        }

        void put(TrieLevel<T> child) {
            if (child.isPlus()) {
                plus = child;
                return;
            }
            LevelTable<T> table = literals;
            if (table == null) {
                table = new LevelTable<>();
                table.put(child);
                literals = table;
            } else {
                table.put(child);
            }
        }

        void replace(TrieLevel<T> old, TrieLevel<T> child) {
            LevelTable<T> table = literals;
            if (plus == old) {
                plus = child;
            } else if (table != null) {
                table.replace(old, child);
            }
        }

        void remove(TrieLevel<T> child) {
            LevelTable<T> table = literals;
            if (plus == child) {
                plus = null;
            } else if (table != null && table.remove(child) == 0) {
                literals = null;
            }
        }

        boolean isEmpty() {
            return literals == null && plus == null && ends == null && hashes == null;
        }
    }
}
