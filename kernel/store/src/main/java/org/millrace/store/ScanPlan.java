package org.millrace.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.millrace.spi.resource.Path;

/**
 * A {@link ScanRange} in terms of keys.
 *
 * @param intervals the stretches to walk, in key order, not overlapping
 * @param pathPrefix what a path found there must start with, unless it is {@code itself}; empty if every one does
 * @param itself one path that need not start with the prefix; empty for none
 */
record ScanPlan(List<KeyInterval> intervals, String pathPrefix, String itself) {
    private static final byte[] FIRST = {};
    private static final byte[] SYSTEM = {'$'};
    private static final byte[] BEHIND_SYSTEM = {'$' + 1};

    static ScanPlan of(ScanRange range) {
        return switch (range) {
            case ScanRange.NonSystem() ->
                new ScanPlan(List.of(new KeyInterval(FIRST, SYSTEM), new KeyInterval(BEHIND_SYSTEM, null)), "", "");
            case ScanRange.Prefix(String text) -> startingWith(text, "");
            case ScanRange.Table(String name) -> table(name);
        };
    }

    private static ScanPlan table(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        ScanPlan below = startingWith(name + "/", name);
        if (utf8.length == 0 || utf8.length > RecordKey.PREFIX) {
            return below; // the empty path is no record; the key of a long name lies among those below it
        }
        // Between "t" and "t/..." lie others, such as "t-old/...": a table is two stretches.
        KeyInterval itself = KeyInterval.only(utf8);
        return new ScanPlan(List.of(itself, below.intervals().getFirst()), below.pathPrefix(), name);
    }

    private static ScanPlan startingWith(String prefix, String itself) {
        byte[] utf8 = prefix.getBytes(StandardCharsets.UTF_8);
        if (utf8.length <= RecordKey.PREFIX) {
            return new ScanPlan(List.of(KeyInterval.startingWith(utf8)), "", itself);
        }
        // Keys hold less of the path than is asked for, so the rest is compared entry by entry.
        byte[] held = Arrays.copyOf(utf8, RecordKey.PREFIX + 1);
        held[RecordKey.PREFIX] = (byte) 0xFF;
        return new ScanPlan(List.of(KeyInterval.startingWith(held)), prefix, itself);
    }

    /** Whether a path whose key lies in an interval is in the range. */
    boolean contains(Path path) {
        return pathPrefix.isEmpty()
                || path.toString().startsWith(pathPrefix)
                || path.toString().equals(itself);
    }
}
