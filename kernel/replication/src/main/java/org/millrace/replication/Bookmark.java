package org.millrace.replication;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Path;

/**
 * How far a copy of another node's records has come, so that it goes on there after an interruption. As text it is five
 * words: what is copied now, the change of the origin, how many there are, since when, and the path.
 *
 * @param stage {@link Copies#RECORDS}, {@link Copies#REMOVALS} or {@link #DONE}
 * @param after the last path that has come of these; null if none has
 * @param through up to which change of each stream of its origin what has come contains everything; empty if that is not
 *     known yet
 * @param records how many records and removals have come
 * @param begunMillis when the copy began
 */
record Bookmark(char stage, @Nullable Path after, List<Long> through, long records, long begunMillis) {
    /** Everything has come. */
    static final char DONE = 'E';

    private static final int WORDS = 5;

    Bookmark {
        through = List.copyOf(through);
    }

    static Bookmark beginning(long nowMillis) {
        return new Bookmark(Copies.RECORDS, null, List.of(), 0, nowMillis);
    }

    /** Whether some of it has come. */
    boolean isBegun() {
        return records > 0;
    }

    boolean isDone() {
        return stage == DONE;
    }

    /** What was proved before and what is proved from here on both have to hold: the lesser counts. */
    Bookmark proving(List<Long> changes) {
        List<Long> both = through.isEmpty()
                ? changes
                : IntStream.range(0, through.size())
                        .mapToObj(lane -> Math.min(through.get(lane), changes.get(lane)))
                        .toList();
        return new Bookmark(stage, after, both, records, begunMillis);
    }

    /** Behind a page. */
    Bookmark behind(Copies.Page page) {
        if (page.changes().isEmpty()) {
            char next = stage == Copies.RECORDS ? Copies.REMOVALS : DONE;
            return new Bookmark(next, null, through, records, begunMillis);
        }
        Path last = page.changes().getLast().path();
        return new Bookmark(stage, last, through, records + page.changes().size(), begunMillis);
    }

    /**
     * Reads one.
     *
     * @return null if the text is none
     */
    static @Nullable Bookmark parse(String text) {
        String[] words = text.split(" ", WORDS);
        return words.length < WORDS
                ? null
                : new Bookmark(
                        words[0].charAt(0),
                        words[4].isEmpty() ? null : Path.of(words[4]),
                        Arrays.stream(words[1].split(",", -1))
                                .map(Long::valueOf)
                                .toList(),
                        Long.parseLong(words[2]),
                        Long.parseLong(words[3]));
    }

    @Override
    public String toString() {
        String changes = through.stream().map(String::valueOf).collect(Collectors.joining(","));
        return stage + " " + changes + " " + records + " " + begunMillis + " " + (after == null ? "" : after);
    }
}
