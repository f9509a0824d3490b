package org.millrace.subscription;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.TopicFilter;

/**
 * Finds the filters that match a path at a cost that depends on the depth of the path and not on how many filters there
 * are.
 *
 * <p>Each node stands for the first levels of some filters. The rest of a filter that shares no further level with
 * another is not unfolded into nodes but kept as one {@link TrieLevel.Leaf leaf} that points into the filter's own
 * text, so a million filters with a level of their own cost about one small object each.
 *
 * <p><b>Threads.</b> Any. Matching takes no lock and sees every value that was added before it began and is not
 * removed before it ends. Changes to the trie exclude one another.
 *
 * @param <T> what is found; compared by identity, and never an instance of a trie's own class
 */
final class TopicTrie<T> {
    private final TrieLevel.Node<T> root = new TrieLevel.Node<>("");
    private int size;

    /**
     * Adds a value under a filter.
     *
     * @return false if it is there already
     */
    synchronized boolean add(TopicFilter filter, T value) {
        String text = filter.toString();
        TrieLevel.Node<T> node = root;
        int from = 0;
        boolean added;
        while (true) {
            if (from > text.length()) {
                added = !ValueSet.contains(node.ends, value);
                node.ends = ValueSet.with(node.ends, value);
                break;
            }
            if (TrieLevel.isHash(text, from)) {
                added = !ValueSet.contains(node.hashes, value);
                node.hashes = ValueSet.with(node.hashes, value);
                break;
            }
            int to = TrieLevel.end(text, from);
            TrieLevel<T> below = node.child(text, from, to);
            if (below == null) {
                node.put(new TrieLevel.Leaf<>(text, from, value));
                added = true;
                break;
            }
            TrieLevel.Node<T> next;
            switch (below) {
                case TrieLevel.Leaf<T> leaf -> {
                    if (leaf.hasTail(text, to + 1)) {
                        added = !ValueSet.contains(leaf.values, value);
                        leaf.values = ValueSet.with(leaf.values, value);
                        size += added ? 1 : 0;
                        return added;
                    }
                    next = leaf.unfolded();
                    node.replace(leaf, next);
                }
                case TrieLevel.Node<T> inner -> next = inner;
            }
            node = next;
            from = to + 1;
        }
        size += added ? 1 : 0;
        return added;
    }

    /**
     * Removes a value from a filter.
     *
     * @return false if it was not there
     */
    synchronized boolean remove(TopicFilter filter, T value) {
        String text = filter.toString();
        List<TrieLevel.Node<T>> way = new ArrayList<>();
        TrieLevel.Node<T> node = root;
        int from = 0;
        while (true) {
            way.add(node);
            if (from > text.length()) {
                if (!ValueSet.contains(node.ends, value)) {
                    return false;
                }
                node.ends = ValueSet.without(node.ends, value);
                break;
            }
            if (TrieLevel.isHash(text, from)) {
                if (!ValueSet.contains(node.hashes, value)) {
                    return false;
                }
                node.hashes = ValueSet.without(node.hashes, value);
                break;
            }
            int to = TrieLevel.end(text, from);
            TrieLevel<T> below = node.child(text, from, to);
            if (below instanceof TrieLevel.Leaf<T> leaf) {
                if (!leaf.hasTail(text, to + 1) || !ValueSet.contains(leaf.values, value)) {
                    return false;
                }
                leaf.values = ValueSet.without(leaf.values, value);
                if (leaf.values == null) {
                    node.remove(leaf);
                }
                break;
            }
            if (!(below instanceof TrieLevel.Node<T> inner)) {
                return false;
            }
            node = inner;
            from = to + 1;
        }
        for (int i = way.size() - 1; i > 0 && way.get(i).isEmpty(); i--) {
            way.get(i - 1).remove(way.get(i));
        }
        size--;
        return true;
    }

    /**
     * Adds the first levels of the filters to a set, up to so many in all.
     *
     * @return false if some filter begins with a wildcard, and so matches any first level
     */
    synchronized boolean addFirstLevels(Set<String> levels, int most) {
        root.addNames(levels, most);
        return root.plus == null && root.hashes == null;
    }

    /** How many pairs of filter and value there are. */
    synchronized int size() {
        return size;
    }

    /** Whether nothing is left, not even a node. */
    synchronized boolean isEmpty() {
        return root.isEmpty();
    }

    /**
     * Finds the values whose filters match a path. A value is found once for each of its filters.
     *
     * @param path what to match
     * @param found called for each
     */
    void match(Path path, Consumer<? super T> found) {
        String topic = path.toString();
        boolean system = path.isSystem();
        // An explicit stack, because filters may be thousands of levels deep. It is needed only where ways part.
        TrieLevel.@Nullable Node<T>[] waiting = null;
        int[] waitingFrom = NO_POSITIONS;
        int depth = 0;
        TrieLevel.Node<T> node = root;
        int from = 0;
        while (true) {
            // A filter that starts with a wildcard does not match a system path (MQTT 5 section 4.7.2).
            boolean wild = !(system && node == root);
            if (wild) {
                ValueSet.forEach(node.hashes, found);
            }
            TrieLevel.Node<T> next = null;
            int nextFrom = 0;
            if (from > topic.length()) {
                ValueSet.forEach(node.ends, found);
            } else {
                int to = TrieLevel.end(topic, from);
                nextFrom = to + 1;
                next = step(node.literal(topic, from, to), topic, nextFrom, found);
                TrieLevel.Node<T> plus = wild ? step(node.plus, topic, nextFrom, found) : null;
                if (next == null) {
                    next = plus;
                } else if (plus != null) {
                    if (waiting == null) {
                        waiting = newStack(8);
                        waitingFrom = new int[8];
                    } else if (depth == waiting.length) {
                        waiting = Arrays.copyOf(waiting, depth * 2);
                        waitingFrom = Arrays.copyOf(waitingFrom, depth * 2);
                    }
                    waiting[depth] = plus;
                    waitingFrom[depth++] = nextFrom;
                }
            }
            if (next == null && waiting != null && depth > 0) {
                next = waiting[--depth];
                nextFrom = waitingFrom[depth];
            }
            if (next == null) {
                return;
            }
            node = next;
            from = nextFrom;
        }
    }

    private static final int[] NO_POSITIONS = {};

    @SuppressWarnings({"unchecked", "rawtypes"}) // only nodes of this trie are ever stored in it
    private static <T> TrieLevel.@Nullable Node<T>[] newStack(int capacity) {
        return new TrieLevel.Node[capacity];
    }

    private static <T> TrieLevel.@Nullable Node<T> step(
            @Nullable TrieLevel<T> below, String topic, int from, Consumer<? super T> found) {
        return switch (below) {
            case null -> null;
            case TrieLevel.Node<T> node -> node;
            case TrieLevel.Leaf<T> leaf -> {
                if (leaf.matchesTail(topic, from)) {
                    ValueSet.forEach(leaf.values, found);
                }
                yield null;
            }
        };
    }
}
