package org.millrace.journal;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Version;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells {@link Retention} which segments have changes of tables that ask for a longer history than the journal has.
 * Which tables are in a segment is not written anywhere: a segment is read once, when it would have to go otherwise, and
 * only if it is younger than the longest history.
 *
 * <p>Any thread may say what is asked for; the rest is for one thread at a time, which is blocked while it reads.
 */
final class TableHistory {
    private static final Logger LOG = LoggerFactory.getLogger(TableHistory.class);

    private final JournalFiles files;
    private final Clock clock;
    private volatile Supplier<Map<String, Duration>> asked = Map::of;

    /** What was read last: the oldest segment is asked about until it goes. */
    private @Nullable Segment read;

    private SegmentTables tables = SegmentTables.UNKNOWN;

    TableHistory(JournalFiles files, Clock clock) {
        this.files = files;
        this.clock = clock;
    }

    void ask(Supplier<Map<String, Duration>> byTable) {
        asked = byTable;
    }

    /**
     * Changes that are to be kept.
     *
     * @param table whose they are
     * @param history how long
     * @param newest when the newest of them was made
     */
    record Kept(String table, Duration history, Instant newest) {}

    /** What a sealed segment has that its table wants to keep still; empty if nothing. */
    Optional<Kept> in(Segment segment) {
        Instant now = clock.instant();
        Instant youngest = time(segment.maxClock());
        Map<String, Duration> byTable = asked.get();
        if (byTable.values().stream()
                .noneMatch(history -> youngest.plus(history).isAfter(now))) {
            return Optional.empty();
        }
        SegmentTables found = tables(segment);
        return byTable.entrySet().stream()
                .filter(one -> found.has(one.getKey()))
                .map(one -> new Kept(
                        one.getKey(), one.getValue(), time(found.newestClock(one.getKey(), segment.maxClock()))))
                .filter(kept -> kept.newest().plus(kept.history()).isAfter(now))
                .max(Comparator.comparing(kept -> kept.newest().plus(kept.history())));
    }

    private SegmentTables tables(Segment segment) {
        if (read != segment) {
            try {
                tables = SegmentTables.read(segment, files);
            } catch (IOException e) {
                LOG.warn(
                        "cannot read journal file {} to find the tables in it: {}. It is kept as if it had changes of"
                                + " all that ask for a longer history; check the disk",
                        segment.file(),
                        e.toString());
                tables = SegmentTables.UNKNOWN;
            }
            read = segment;
        }
        return tables;
    }

    private static Instant time(long clock) {
        return Instant.ofEpochMilli(new Version(clock, 0).epochMillis());
    }
}
