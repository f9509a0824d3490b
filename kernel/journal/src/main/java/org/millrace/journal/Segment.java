package org.millrace.journal;

import java.nio.file.Path;
import java.util.Locale;

/**
 * One file of the journal, as writer, readers and retention share it. The seal and the mark of deletion change once;
 * all else is fixed.
 */
final class Segment {
    static final String SUFFIX = ".journal";

    private static final long OPEN = Long.MAX_VALUE;
    private static final int NAME_DIGITS = 20;

    private final Path file;
    private final SegmentHeader header;
    private final SparseIndex index;
    private volatile long lastSeq = OPEN;
    private volatile long maxClock;
    private volatile boolean deleted;

    Segment(Path file, SegmentHeader header) {
        this.file = file;
        this.header = header;
        this.index = new SparseIndex(header.firstSeq());
    }

    static Path file(Path directory, long firstSeq) {
        return directory.resolve(String.format(Locale.ROOT, "%0" + NAME_DIGITS + "d", firstSeq) + SUFFIX);
    }

    /** The first seq a file's name tells, or -1 if it is no segment's name. */
    static long firstSeqOf(String name) {
        if (name.length() != NAME_DIGITS + SUFFIX.length() || !name.endsWith(SUFFIX)) {
            return -1;
        }
        for (int i = 0; i < NAME_DIGITS; i++) {
            if (name.charAt(i) < '0' || name.charAt(i) > '9') {
                return -1;
            }
        }
        try {
            return Long.parseLong(name.substring(0, NAME_DIGITS));
        } catch (NumberFormatException e) {
            // Twenty digits can be more than a long holds; no journal gets there.
            return -1;
        }
    }

    Path file() {
        return file;
    }

    SegmentHeader header() {
        return header;
    }

    SparseIndex index() {
        return index;
    }

    long firstSeq() {
        return header.firstSeq();
    }

    /** The last change, or the greatest long while the segment is being written. */
    long lastSeq() {
        return lastSeq;
    }

    boolean isSealed() {
        return lastSeq != OPEN;
    }

    /** The greatest clock in a sealed segment. */
    long maxClock() {
        return maxClock;
    }

    void sealed(long last, long clock) {
        maxClock = clock;
        lastSeq = last;
    }

    /** Whether retention has taken the segment: its file may be gone any moment. */
    boolean isDeleted() {
        return deleted;
    }

    void deleted(boolean value) {
        deleted = value;
    }
}
