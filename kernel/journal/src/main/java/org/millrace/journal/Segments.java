package org.millrace.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a journal, oldest first. The writer adds at the end, retention removes at the start, readers look up;
 * nobody waits.
 */
final class Segments {
    private final AtomicReference<List<Segment>> list;

    Segments(List<Segment> list) {
        this.list = new AtomicReference<>(List.copyOf(list));
    }

    List<Segment> all() {
        return list.get();
    }

    void add(Segment segment) {
        list.updateAndGet(before -> {
            List<Segment> after = new ArrayList<>(before);
            after.add(segment);
            return List.copyOf(after);
        });
    }

    void remove(Segment segment) {
        list.updateAndGet(before -> before.stream().filter(s -> s != segment).toList());
    }

    /** The oldest change kept. */
    long firstSeq() {
        for (Segment s : list.get()) {
            if (!s.isDeleted()) {
                return s.firstSeq();
            }
        }
        throw new IllegalStateException("a journal always has a segment");
    }

    /** The segment that holds a seq, or null if retention has taken it. */
    @Nullable
    Segment find(long seq) {
        List<Segment> now = list.get();
        int low = 0;
        int high = now.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (now.get(middle).firstSeq() <= seq) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high < 0 || now.get(high).isDeleted() ? null : now.get(high);
    }
}
