package org.millrace.subscription;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.TopicFilter;

/**
 * Which changes a scan of the present state has already taken into account. For each stretch of paths it knows the place
 * up to which the store was read; a change up to there is part of what was shown, or of the record's absence. A record
 * that was read in a newer state than that is remembered by itself, which happens only to those written while their
 * slice was read.
 *
 * <p>Both are bounded. A subscriber that halts a scan tens of thousands of times while others write may see a change
 * again that was part of what it was shown; it never misses one.
 *
 * <p>Owned by whoever owns the subscription.
 */
final class Watermarks {
    static final int MAX_MARKS = 16_384;
    static final int MAX_NEWER = 65_536;

    private final Comparator<Path> order;
    private final List<Part> parts = new ArrayList<>();
    private final Map<Path, Long> newer = new HashMap<>();
    private long end;

    private record Part(TopicFilter filter, Stretch stretch, List<Mark> marks) {
        boolean holds(Path path) {
            return stretch.holds(path) && filter.matches(path);
        }
    }

    /** From the mark before up to and with a path, or to the end of the stretch. */
    private record Mark(@Nullable Path upTo, long seq) {}

    Watermarks(List<TopicFilter> filters, Comparator<Path> order) {
        this.order = order;
        for (TopicFilter filter : filters) {
            for (Stretch stretch : Stretch.of(filter)) {
                parts.add(new Part(filter, stretch, new ArrayList<>()));
            }
        }
    }

    int parts() {
        return parts.size();
    }

    Stretch stretch(int part) {
        return parts.get(part).stretch;
    }

    /** Which part shows a path: the first that holds it, as filters may overlap. */
    int partOf(Path path) {
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i).holds(path)) {
                return i;
            }
        }
        return -1;
    }

    /** Notes that a part was read up to a path, when the store had everything up to a place. */
    void mark(int part, @Nullable Path upTo, long seq) {
        List<Mark> marks = parts.get(part).marks;
        if (!marks.isEmpty() && marks.getLast().seq == seq) {
            marks.removeLast();
        }
        marks.add(new Mark(upTo, seq));
        end = Math.max(end, seq);
        if (marks.size() > MAX_MARKS) {
            halve(marks);
        }
    }

    /** Joins neighbours, each pair at the older place: what lies between the two is then shown again, not lost. */
    private static void halve(List<Mark> marks) {
        List<Mark> joined = new ArrayList<>(marks.size() / 2 + 1);
        for (int i = 0; i + 1 < marks.size(); i += 2) {
            joined.add(new Mark(marks.get(i + 1).upTo, marks.get(i).seq));
        }
        if (marks.size() % 2 == 1) {
            joined.add(marks.getLast());
        }
        marks.clear();
        marks.addAll(joined);
    }

    /** Notes that a record was read as a change behind the slice's own place had made it. */
    void newer(Path path, long seq) {
        if (newer.size() < MAX_NEWER) {
            newer.put(path, seq);
            end = Math.max(end, seq);
        }
    }

    /** The place behind which no change is covered. */
    long end() {
        return end;
    }

    /** Whether a change is part of what the scan read. Events are part of no state. */
    boolean covers(Change change) {
        long seq = change.cursor().position();
        if (seq > end || !change.kind().altersRecord()) {
            return false;
        }
        Long read = newer.get(change.path());
        if (read != null && read >= seq) {
            return true;
        }
        int part = partOf(change.path());
        return part >= 0 && seq <= markOf(parts.get(part).marks, change.path());
    }

    private long markOf(List<Mark> marks, Path path) {
        int low = 0;
        int high = marks.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            Path upTo = marks.get(middle).upTo;
            if (upTo == null || order.compare(upTo, path) >= 0) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return marks.get(low).seq;
    }
}
