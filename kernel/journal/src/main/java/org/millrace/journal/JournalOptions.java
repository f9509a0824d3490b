package org.millrace.journal;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a journal is kept.
 *
 * @param directory where its files are; made if missing. One journal at a time may have it open: locking it is the
 *     caller's part
 * @param segmentBytes the size of a segment file, at least 16 KiB; a transaction that does not fit gets a larger one
 *     of its own
 * @param ringCapacity how many recent changes are kept in memory; rounded up to a power of two
 * @param ringBytes how many bytes of recent changes are kept in memory
 * @param retainBytes the history kept: older segments are deleted when all together are larger than this
 * @param retainAge the history kept: segments whose last change is older than this are deleted
 * @param hardCapBytes beyond this, segments are deleted even if a durable cursor still needs them; at least
 *     {@code retainBytes}
 * @param verifyOnOpen whether {@link Journal#open} reads and checks every segment, not only the last
 */
public record JournalOptions(
        Path directory,
        long segmentBytes,
        int ringCapacity,
        long ringBytes,
        long retainBytes,
        Duration retainAge,
        long hardCapBytes,
        boolean verifyOnOpen) {
    static final long MIN_SEGMENT_BYTES = 16 * 1024;
    static final long MAX_SEGMENT_BYTES = 1L << 40;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the one that is out of range
     */
    public JournalOptions {
        require(
                segmentBytes >= MIN_SEGMENT_BYTES && segmentBytes <= MAX_SEGMENT_BYTES,
                "segmentBytes",
                segmentBytes,
                "16 KiB to 1 TiB");
        require(ringCapacity >= 1 && ringCapacity <= 1 << 24, "ringCapacity", ringCapacity, "1 to 16777216");
        require(ringBytes >= 0, "ringBytes", ringBytes, "at least 0");
        require(retainBytes >= 0, "retainBytes", retainBytes, "at least 0");
        require(!retainAge.isNegative(), "retainAge", retainAge, "not negative");
        require(hardCapBytes >= retainBytes, "hardCapBytes", hardCapBytes, "at least retainBytes, " + retainBytes);
    }

    private static void require(boolean holds, String name, Object value, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException("journal option " + name + " is " + value + ", allowed is " + allowed);
        }
    }

    /**
     * The defaults: segments of 64 MiB, a ring of 65,536 changes and 64 MiB, history of 1 GiB and 7 days, a hard cap
     * of 8 GiB.
     *
     * @param directory where the files are
     * @return the options
     */
    public static JournalOptions in(Path directory) {
        return new JournalOptions(
                directory, 64L << 20, 65_536, 64L << 20, 1L << 30, Duration.ofDays(7), 8L << 30, false);
    }

    /**
     * These options with another segment size.
     *
     * @param bytes the size of a segment file
     * @return new options
     */
    public JournalOptions withSegmentBytes(long bytes) {
        return new JournalOptions(
                directory, bytes, ringCapacity, ringBytes, retainBytes, retainAge, hardCapBytes, verifyOnOpen);
    }

    /**
     * These options with another ring.
     *
     * @param capacity how many changes
     * @param bytes how many bytes
     * @return new options
     */
    public JournalOptions withRing(int capacity, long bytes) {
        return new JournalOptions(
                directory, segmentBytes, capacity, bytes, retainBytes, retainAge, hardCapBytes, verifyOnOpen);
    }

    /**
     * These options with another history.
     *
     * @param bytes how many bytes are kept
     * @param age how long changes are kept
     * @param hardCap beyond how many bytes durable cursors are overridden
     * @return new options
     */
    public JournalOptions withRetention(long bytes, Duration age, long hardCap) {
        return new JournalOptions(directory, segmentBytes, ringCapacity, ringBytes, bytes, age, hardCap, verifyOnOpen);
    }

    /**
     * These options, with every segment checked by {@link Journal#open}.
     *
     * @return new options
     */
    public JournalOptions verifyingOnOpen() {
        return new JournalOptions(
                directory, segmentBytes, ringCapacity, ringBytes, retainBytes, retainAge, hardCapBytes, true);
    }
}
