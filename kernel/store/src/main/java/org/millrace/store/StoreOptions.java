package org.millrace.store;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * What a {@link RecordStore} may be told. Start from {@link #at} and use the {@code with} methods.
 *
 * @param directory the data directory: {@code lock} and {@code records/} in it are the store's
 * @param mapBytes the address space set aside for records on disk; doubles by itself when it fills up
 * @param queueRequests how many requests may wait for the writer
 * @param queueBytes how much they may weigh
 * @param batchRequests how many requests the writer makes durable together at most
 * @param batchBytes how much they may weigh, but for a single larger request
 * @param overlayEntries how many changed records may wait to be moved to disk; writers are slowed from half of it on
 * @param overlayBytes how much they may weigh
 * @param applyInterval how long a change waits to be moved to disk when there are few; longer coalesces more
 * @param syncInterval how long a change of durability {@code OS} may stay unsynced
 * @param expiryInterval how often records whose time ran out are looked for
 * @param readerAge how long a read of the records on disk may take before it is reported; while one goes on, no page
 *     freed since can be used again
 * @param tombstoneHorizon how long the removal of a record is remembered, for what other nodes may still have to say of
 *     it; zero if there are no other nodes
 * @param applyReaders how many threads read the records that are about to be written, while they come from disk; 0 for
 *     none
 */
public record StoreOptions(
        Path directory,
        long mapBytes,
        int queueRequests,
        long queueBytes,
        int batchRequests,
        long batchBytes,
        int overlayEntries,
        long overlayBytes,
        Duration applyInterval,
        Duration syncInterval,
        Duration expiryInterval,
        Duration readerAge,
        Duration tombstoneHorizon,
        int applyReaders) {
    /** So many reads are asked of the disk at once. */
    private static final int APPLY_READERS = 16;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming one that is not positive
     */
    public StoreOptions {
        positive("mapBytes", mapBytes);
        positive("queueRequests", queueRequests);
        positive("queueBytes", queueBytes);
        positive("batchRequests", batchRequests);
        positive("batchBytes", batchBytes);
        positive("overlayEntries", overlayEntries);
        positive("overlayBytes", overlayBytes);
        positive("applyInterval", applyInterval.toNanos());
        positive("syncInterval", syncInterval.toNanos());
        positive("expiryInterval", expiryInterval.toNanos());
        positive("readerAge", readerAge.toNanos());
        if (tombstoneHorizon.isNegative()) {
            throw new IllegalArgumentException("tombstoneHorizon must not be negative, but is " + tombstoneHorizon);
        }
        if (applyReaders < 0) {
            throw new IllegalArgumentException("applyReaders must not be negative, but is " + applyReaders);
        }
    }

    private static void positive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be positive, but is " + value);
        }
    }

    /**
     * The defaults.
     *
     * @param directory the data directory
     * @return options with a map of 64 GiB, a queue of 65,536 requests or 64 MiB, batches of 1,024 requests or 8 MiB,
     *     an overlay of 200,000 records or 128 MiB applied every second, syncs after 100 ms, expiry every 250 ms, reads
     *     reported after 5 s, removals not remembered, 16 threads that read before the
     *     applier
     */
    public static StoreOptions at(Path directory) {
        return new StoreOptions(
                directory,
                64L << 30,
                65_536,
                64L << 20,
                1_024,
                8L << 20,
                200_000,
                128L << 20,
                Duration.ofSeconds(1),
                Duration.ofMillis(100),
                Duration.ofMillis(250),
                Duration.ofSeconds(5),
                Duration.ZERO,
                APPLY_READERS);
    }

    /**
     * These options with another map size.
     *
     * @param bytes address space to begin with
     * @return new options
     */
    public StoreOptions withMapBytes(long bytes) {
        return with(copy -> copy.mapBytes = bytes);
    }

    /**
     * These options with another bound of the queue.
     *
     * @param requests how many requests may wait
     * @param bytes how much they may weigh
     * @return new options
     */
    public StoreOptions withQueue(int requests, long bytes) {
        return with(copy -> {
            copy.queueRequests = requests;
            copy.queueBytes = bytes;
        });
    }

    /**
     * These options with another bound of a batch.
     *
     * @param requests how many requests are made durable together
     * @param bytes how much they may weigh
     * @return new options
     */
    public StoreOptions withBatch(int requests, long bytes) {
        return with(copy -> {
            copy.batchRequests = requests;
            copy.batchBytes = bytes;
        });
    }

    /**
     * These options with another bound of the overlay.
     *
     * @param entries how many changed records may wait to be moved to disk
     * @param bytes how much they may weigh
     * @return new options
     */
    public StoreOptions withOverlay(int entries, long bytes) {
        return with(copy -> {
            copy.overlayEntries = entries;
            copy.overlayBytes = bytes;
        });
    }

    /**
     * These options with other intervals.
     *
     * @param apply how long a change waits to be moved to disk when there are few
     * @param sync how long a change of durability {@code OS} may stay unsynced
     * @param expiry how often records whose time ran out are looked for
     * @return new options
     */
    public StoreOptions withIntervals(Duration apply, Duration sync, Duration expiry) {
        return with(copy -> {
            copy.applyInterval = apply;
            copy.syncInterval = sync;
            copy.expiryInterval = expiry;
        });
    }

    /**
     * These options with another age of reads.
     *
     * @param age after how long a read is reported
     * @return new options
     */
    public StoreOptions withReaderAge(Duration age) {
        return with(copy -> copy.readerAge = age);
    }

    /**
     * These options with a memory of removals.
     *
     * @param horizon how long they are remembered; zero for not at all
     * @return new options
     */
    public StoreOptions withTombstones(Duration horizon) {
        return with(copy -> copy.tombstoneHorizon = horizon);
    }

    /**
     * These options with another number of threads that read before the applier.
     *
     * @param threads how many; 0 for none
     * @return new options
     */
    public StoreOptions withApplyReaders(int threads) {
        return with(copy -> copy.applyReaders = threads);
    }

    private StoreOptions with(Consumer<Copy> change) {
        Copy copy = new Copy(this);
        change.accept(copy);
        return copy.options();
    }

    /** The values of other options, to be altered before they become options again. */
    private static final class Copy {
        private final Path directory;
        private long mapBytes;
        private int queueRequests;
        private long queueBytes;
        private int batchRequests;
        private long batchBytes;
        private int overlayEntries;
        private long overlayBytes;
        private Duration applyInterval;
        private Duration syncInterval;
        private Duration expiryInterval;
        private Duration readerAge;
        private Duration tombstoneHorizon;
        private int applyReaders;

        Copy(StoreOptions options) {
            this.directory = options.directory;
            this.mapBytes = options.mapBytes;
            this.queueRequests = options.queueRequests;
            this.queueBytes = options.queueBytes;
            this.batchRequests = options.batchRequests;
            this.batchBytes = options.batchBytes;
            this.overlayEntries = options.overlayEntries;
            this.overlayBytes = options.overlayBytes;
            this.applyInterval = options.applyInterval;
            this.syncInterval = options.syncInterval;
            this.expiryInterval = options.expiryInterval;
            this.readerAge = options.readerAge;
            this.tombstoneHorizon = options.tombstoneHorizon;
            this.applyReaders = options.applyReaders;
        }

        StoreOptions options() {
            return new StoreOptions(
                    directory,
                    mapBytes,
                    queueRequests,
                    queueBytes,
                    batchRequests,
                    batchBytes,
                    overlayEntries,
                    overlayBytes,
                    applyInterval,
                    syncInterval,
                    expiryInterval,
                    readerAge,
                    tombstoneHorizon,
                    applyReaders);
        }
    }
}
