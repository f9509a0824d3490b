package org.millrace.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes files for segments ahead of time, filled with zeros and synced: writing into them then needs no space and no
 * metadata, so that a sync is one flush. One such spare is kept ready by a background thread; a full disk therefore
 * shows while there is still room in the present segment.
 *
 * <p>The writer thread takes spares and may wait for one; the housekeeping thread makes them.
 */
final class SegmentAllocator implements AutoCloseable {
    static final String SPARE_SUFFIX = ".preallocated";

    private static final Logger LOG = LoggerFactory.getLogger(SegmentAllocator.class);
    private static final int FILL_BYTES = 256 * 1024;
    /** How much is written between syncs, so that filling does not make the writer's own syncs wait for long. */
    private static final int SYNC_EVERY = 8 * 1024 * 1024;
    /** How long a refusal for want of space holds before the disk is asked again. */
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Path directory;
    private final long standardBytes;
    private final JournalFiles files;
    private final Executor background;
    private final AtomicLong number = new AtomicLong();
    private @Nullable CompletableFuture<Spare> next;
    private long failedAt;
    private boolean reported;
    private boolean closed;

    SegmentAllocator(Path directory, long standardBytes, JournalFiles files, Executor background) {
        this.directory = directory;
        this.standardBytes = standardBytes;
        this.files = files;
        this.background = background;
    }

    /**
     * A file that is ready to become a segment.
     *
     * @param path its present name
     * @param file open
     * @param bytes its size
     */
    record Spare(Path path, JournalFile file, long bytes) {}

    /** Sees to it that a spare is there or being made; after a failure only once in a while. */
    synchronized void prepare() {
        boolean failed = next != null && next.isCompletedExceptionally();
        if (closed || (next != null && !failed) || (failed && System.nanoTime() - failedAt < RETRY_NANOS)) {
            return;
        }
        next = request(standardBytes);
    }

    /**
     * Takes a file of at least so many bytes, waiting until it is made. Writer thread.
     *
     * @throws NoSpaceException if there is no space for it
     * @throws IOException if it cannot be made
     */
    Spare take(long bytes) throws IOException {
        if (bytes > standardBytes) {
            return await(request(bytes));
        }
        CompletableFuture<Spare> taken;
        synchronized (this) {
            prepare();
            if (next == null) {
                throw new IOException("the journal in " + directory + " is closed");
            }
            taken = next;
        }
        Spare spare = await(taken);
        synchronized (this) {
            next = null;
            prepare();
        }
        return spare;
    }

    private static Spare await(CompletableFuture<Spare> made) throws IOException {
        try {
            return made.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof NoSpaceException full) {
                throw new NoSpaceException(String.valueOf(full.getMessage()), full);
            }
            throw new IOException("cannot make a segment: " + e.getCause(), e.getCause());
        }
    }

    private CompletableFuture<Spare> request(long bytes) {
        CompletableFuture<Spare> made = new CompletableFuture<>();
        background.execute(() -> {
            try {
                Spare spare = make(bytes);
                recovered();
                made.complete(spare);
            } catch (IOException | RuntimeException e) {
                failed(bytes, e);
                made.completeExceptionally(e);
            }
        });
        return made;
    }

    private synchronized void failed(long bytes, Exception e) {
        failedAt = System.nanoTime();
        if (!reported) {
            reported = true;
            LOG.warn(
                    "cannot preallocate a journal segment of {} bytes in {}: {}. Writes go on until the present segment"
                            + " is full and are then refused. Free some space; writing resumes by itself",
                    bytes,
                    directory,
                    e.toString());
        }
    }

    private synchronized void recovered() {
        if (reported) {
            reported = false;
            LOG.info("journal segments can be preallocated in {} again", directory);
        }
    }

    private Spare make(long bytes) throws IOException {
        if (files.usableSpace(directory) < bytes) {
            throw new NoSpaceException(
                    "no space for " + bytes + " bytes in " + directory + ", usable are " + files.usableSpace(directory),
                    null);
        }
        Path path = directory.resolve(number.incrementAndGet() + SPARE_SUFFIX);
        JournalFile file = files.create(path);
        try {
            fill(file, 0, bytes);
        } catch (IOException e) {
            abandon(path, file, e);
            throw e;
        }
        return new Spare(path, file, bytes);
    }

    /** Writes zeros and syncs them. */
    static void fill(JournalFile file, long from, long to) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.max(1, Math.min(FILL_BYTES, to - from)));
        long unsynced = 0;
        for (long at = from; at < to; ) {
            int n = (int) Math.min(zeros.capacity(), to - at);
            file.write(zeros.clear().limit(n), at);
            at += n;
            unsynced += n;
            if (unsynced >= SYNC_EVERY) {
                file.sync();
                unsynced = 0;
            }
        }
        file.sync();
    }

    /** Gives up a file that is not a segment yet. */
    void abandon(Path path, JournalFile file, @Nullable Exception reason) {
        try {
            file.close();
            files.delete(path);
        } catch (IOException e) {
            if (reason != null) {
                e.addSuppressed(reason);
            }
            LOG.warn("cannot delete {}, which holds no data: {}. It is deleted at the next start", path, e.toString());
        }
    }

    /** Deletes the spare. The background thread must have ended. */
    @Override
    public void close() {
        @Nullable CompletableFuture<Spare> last;
        synchronized (this) {
            closed = true;
            last = next;
            next = null;
        }
        if (last != null && last.isDone() && !last.isCompletedExceptionally()) {
            Spare spare = last.join();
            abandon(spare.path(), spare.file(), null);
        }
    }
}
