package org.millrace.replication;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Finds for a place in another node's journal the place in this node's from which a subscriber misses nothing: all that
 * is before it here is before the other place there. It may see changes again that it has seen there.
 *
 * <p>The nodes tell each other from time to time how far their journals are and what of each node they contain. This node
 * remembers the same of itself. The place asked for is the last one remembered here of which the other node had
 * everything. Free of I/O; safe for use by any thread.
 */
final class ForeignCursors {
    private static final int MOST_SIGHTS = 1_024;
    private static final int MOST_PLACES = 1_024;
    private static final int MOST_NODES = 1_024;

    private final long self;
    private final Deque<Sight> own = new ArrayDeque<>();
    private final Map<Long, NavigableMap<Long, Long>> places = new HashMap<>();

    /**
     * What a journal contains.
     *
     * @param place up to where it is looked at
     * @param seen of each stream of each node, its own as well, the last change contained
     */
    record Sight(long place, Map<Origin, Long> seen) {
        Sight {
            seen = Map.copyOf(seen);
        }
    }

    ForeignCursors(long self) {
        this.self = self;
    }

    /**
     * Remembers what this node's journal contains.
     *
     * @param sight whose journal contains no more of any node than is said
     */
    synchronized void note(Sight sight) {
        if (!own.isEmpty() && own.getLast().place() >= sight.place()) {
            return;
        }
        own.add(sight);
        if (own.size() > MOST_SIGHTS) {
            own.remove();
        }
    }

    /**
     * Takes note of what another node's journal contains.
     *
     * @param node which node
     * @param sight whose journal contains no less of any node than is said
     * @return whether more cursors of that node are known now
     */
    synchronized boolean heard(long node, Sight sight) {
        if (node == self || places.size() >= MOST_NODES && !places.containsKey(node)) {
            return false;
        }
        for (Iterator<Sight> latest = own.descendingIterator(); latest.hasNext(); ) {
            Sight mine = latest.next();
            boolean hasAll = mine.seen().entrySet().stream()
                    .allMatch(seen -> sight.seen().getOrDefault(seen.getKey(), 0L) >= seen.getValue());
            if (hasAll) {
                return remember(node, sight.place(), mine.place());
            }
        }
        return false;
    }

    private boolean remember(long node, long there, long here) {
        NavigableMap<Long, Long> known = places.computeIfAbsent(node, n -> new TreeMap<>());
        Map.Entry<Long, Long> before = known.floorEntry(there);
        if (before != null && before.getValue() >= here) {
            return false; // the cursors from there on lead here already
        }
        known.put(there, here);
        if (known.size() > MOST_PLACES) {
            thinOut(known);
        }
        return true;
    }

    /** Forgets every other of the older half: who has been away for long finds his place all the same, further back. */
    private static void thinOut(NavigableMap<Long, Long> known) {
        int at = 0;
        for (Iterator<Long> oldest = known.keySet().iterator(); at < MOST_PLACES / 2; at++) {
            oldest.next();
            if (at % 2 == 1) {
                oldest.remove();
            }
        }
    }

    /**
     * Where to go on here.
     *
     * @param node whose cursor it is
     * @param place its position
     * @return a place in this node's journal; empty if nothing is known of so early a place, or of that node
     */
    synchronized OptionalLong here(long node, long place) {
        NavigableMap<Long, Long> known = places.get(node);
        Map.Entry<Long, Long> entry = known == null ? null : known.floorEntry(place);
        return entry == null ? OptionalLong.empty() : OptionalLong.of(entry.getValue());
    }

    /** Whether any place of a node is known. */
    synchronized boolean knows(long node) {
        return places.containsKey(node);
    }

    /** What is known of all nodes, as text to be kept. */
    synchronized String text() {
        StringBuilder text = new StringBuilder();
        places.forEach((node, known) -> known.entrySet().stream()
                .forEach(entry -> text.append(Long.toHexString(node))
                        .append(' ')
                        .append(entry.getKey())
                        .append(' ')
                        .append(entry.getValue())
                        .append('\n')));
        return text.toString();
    }

    /** Takes over what was kept. */
    synchronized void restore(String text) {
        text.lines().forEach(line -> {
            String[] parts = line.split(" ", 3);
            places.computeIfAbsent(Long.parseUnsignedLong(parts[0], 16), node -> new TreeMap<>())
                    .put(Long.parseLong(parts[1]), Long.parseLong(parts[2]));
        });
    }
}
