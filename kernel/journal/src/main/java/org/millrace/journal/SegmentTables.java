package org.millrace.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Which tables have changes in a segment.
 *
 * @param newest the clock of each table's newest change
 * @param isComplete false if any other table may have changes there too
 */
record SegmentTables(Map<String, Long> newest, boolean isComplete) {
    /** Any table may have changes there. */
    static final SegmentTables UNKNOWN = new SegmentTables(Map.of(), false);

    /** The first level of a topic may be anything, so there is an end to what is told apart. */
    private static final int MOST_TABLES = 10_000;

    private static final int BUFFER = 1024 * 1024;

    /** Reads a sealed segment. Blocks. */
    static SegmentTables read(Segment segment, JournalFiles files) throws IOException {
        Map<String, Long> newest = new HashMap<>();
        try (JournalFile file = files.openReadOnly(segment.file())) {
            FrameReader frames = new FrameReader(file, segment.header(), BUFFER);
            long seq = segment.firstSeq() - 1;
            while (seq < segment.lastSeq()) {
                if (frames.load() != FrameReader.State.VALID || newest.size() > MOST_TABLES) {
                    return new SegmentTables(newest, false);
                }
                if (frames.isChange()) {
                    seq = frames.seq();
                    newest.merge(
                            table(frames.buffer(), frames.at() + Frame.BODY),
                            frames.clock(),
                            (a, b) -> Long.compareUnsigned(a, b) >= 0 ? a : b);
                }
                frames.next();
            }
        }
        return new SegmentTables(newest, true);
    }

    /** The first level of the path that is at a place. */
    private static String table(ByteBuffer from, int at) {
        int length = Short.toUnsignedInt(from.getShort(at));
        int start = at + Short.BYTES;
        int end = start;
        while (end < start + length && from.get(end) != '/') {
            end++;
        }
        byte[] name = new byte[end - start];
        from.get(start, name);
        return new String(name, StandardCharsets.UTF_8);
    }

    /** Whether a table may have changes there. */
    boolean has(String table) {
        return !isComplete || newest.containsKey(table);
    }

    /** The clock of the newest change of a table that has some; {@code unknown} if it only may have. */
    long newestClock(String table, long unknown) {
        return isComplete ? newest.getOrDefault(table, unknown) : unknown;
    }
}
