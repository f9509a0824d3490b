package org.millrace.plugin.amqp.feed;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/** A group's items that no member has, in the order of the stream. Used by the group's home. */
final class Waiting implements Iterable<Item> {
    private final ArrayDeque<Item> items = new ArrayDeque<>(0);

    int size() {
        return items.size();
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    /** The place of the last item; only if there is one. */
    long last() {
        return items.getLast().position();
    }

    /** Adds an item that came just now. */
    void add(Item item) {
        items.addLast(item);
    }

    /** Puts an item back where it was in order. */
    void putBack(Item item) {
        if (items.isEmpty() || items.getLast().position() < item.position()) {
            items.addLast(item);
        } else if (items.getFirst().position() > item.position()) {
            items.addFirst(item);
        } else {
            List<Item> all = new ArrayList<>(items);
            all.add(item);
            all.sort(Comparator.comparingLong(Item::position));
            items.clear();
            items.addAll(all);
        }
    }

    /** Takes items out. */
    List<Item> removeIf(Predicate<Item> condition) {
        List<Item> taken = items.stream().filter(condition).toList();
        if (!taken.isEmpty()) {
            items.removeIf(condition);
        }
        return taken;
    }

    boolean has(Predicate<Item> condition) {
        return items.stream().anyMatch(condition);
    }

    @Override
    public Iterator<Item> iterator() {
        return items.iterator();
    }
}
