package org.millrace.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts batches on disk. All methods belong to the writer thread, apart from the readings of the three places and of the
 * failure.
 *
 * <p>A batch becomes one write, or one per segment it touches. When a segment is full it is sealed and synced before
 * the next gets its name, so only the last segment can have a torn end. If space runs out in the middle of a batch, the
 * new segments are deleted, newest first, and what was put into the old one is overwritten with zeros and synced:
 * otherwise a later recovery could find changes that were refused. If that fails too, or anything else does, the
 * journal has failed.
 */
final class JournalWriter {
    private static final Logger LOG = LoggerFactory.getLogger(JournalWriter.class);
    private static final int PAGE = 4096;
    private static final String UNDO = "undo a write for which there was no space in";

    private final JournalOptions options;
    private final JournalFiles files;
    private final long node;
    private final Segments segments;
    private final SegmentAllocator allocator;
    private final Runnable onRoll;
    private final SecureRandom random = new SecureRandom();
    private final Batch batch = new Batch();
    private final AtomicLong lastSeq;
    private volatile long writtenSeq;
    private volatile long syncedSeq;
    private volatile @Nullable JournalFailedException failure;
    private SegmentWriter active;
    private boolean marked;

    JournalWriter(
            JournalOptions options,
            JournalFiles files,
            long node,
            Segments segments,
            SegmentAllocator allocator,
            Runnable onRoll,
            SegmentWriter active,
            boolean marked) {
        this.options = options;
        this.files = files;
        this.node = node;
        this.segments = segments;
        this.allocator = allocator;
        this.onRoll = onRoll;
        this.active = active;
        this.marked = marked;
        this.lastSeq = new AtomicLong(active.lastSeq());
        this.writtenSeq = active.lastSeq();
        this.syncedSeq = active.lastSeq();
    }

    long lastSeq() {
        return lastSeq.get();
    }

    long writtenSeq() {
        return writtenSeq;
    }

    long syncedSeq() {
        return syncedSeq;
    }

    @Nullable
    JournalFailedException failure() {
        return failure;
    }

    long bufferedBytes() {
        return batch.bytes();
    }

    void append(Change change, boolean endOfGroup) {
        requireWorking();
        long seq = lastSeq.getPlain() + 1;
        if (change.cursor().position() != seq || change.cursor().node() != node) {
            throw new IllegalArgumentException("change " + change + " has cursor " + change.cursor()
                    + ", the next one is " + Long.toHexString(node) + '.' + seq);
        }
        batch.append(change, endOfGroup);
        lastSeq.setRelease(seq);
    }

    void discard() {
        batch.clear();
        lastSeq.setRelease(writtenSeq);
    }

    void write() {
        requireWorking();
        if (batch.isGroupOpen()) {
            throw new IllegalStateException("the group of change " + lastSeq.getPlain() + " has no end yet");
        }
        if (batch.isEmpty()) {
            return;
        }
        if (batch.bytes() <= active.room()) {
            writeWithin();
        } else {
            writeAcross();
        }
        marked = false;
        batch.clear();
        writtenSeq = lastSeq.getPlain();
    }

    private void writeWithin() {
        long place = active.position();
        long seq = active.lastSeq();
        try {
            active.write(batch.buffer(), 0, batch.bytes(), syncedSeq);
        } catch (NoSpaceException e) {
            undo(active, place, seq, place + batch.bytes(), new ArrayDeque<>());
            throw refused(e);
        } catch (IOException e) {
            throw failed(active.segment().file(), "write", e);
        }
    }

    private void writeAcross() {
        SegmentWriter old = active;
        long place = old.position();
        long seq = old.lastSeq();
        long oldEnd = place;
        Deque<SegmentWriter> rolled = new ArrayDeque<>();
        SegmentWriter current = old;
        int group = 0;
        int from = 0;
        try {
            while (true) {
                int to = from;
                while (group < batch.groups() && batch.groupEnd(group) - from <= current.room()) {
                    to = batch.groupEnd(group++);
                }
                if (to > from) {
                    oldEnd = current == old ? place + to - from : oldEnd;
                    current.write(batch.buffer(), from, to, syncedSeq);
                    from = to;
                }
                if (group == batch.groups()) {
                    break;
                }
                current = roll(current, batch.groupEnd(group) - from);
                rolled.push(current);
            }
        } catch (NoSpaceException e) {
            undo(old, place, seq, oldEnd, rolled);
            throw refused(e);
        } catch (IOException e) {
            throw failed(current.segment().file(), "write", e);
        }
        commit(old, rolled);
    }

    /** Shows the new segments to readers and retention, once nothing can be undone any more. */
    private void commit(SegmentWriter old, Deque<SegmentWriter> rolled) {
        SegmentWriter previous = old;
        while (!rolled.isEmpty()) {
            SegmentWriter next = rolled.removeLast();
            previous.publishSeal();
            segments.add(next.segment());
            close(previous);
            previous = next;
        }
        active = previous;
        onRoll.run();
    }

    private SegmentWriter roll(SegmentWriter full, long needed) throws IOException {
        long bytes = Math.max(options.segmentBytes(), (SegmentHeader.DATA_START + needed + PAGE - 1) / PAGE * PAGE);
        SegmentAllocator.Spare spare = allocator.take(bytes);
        long firstSeq = full.lastSeq() + 1;
        Path path = Segment.file(options.directory(), firstSeq);
        try {
            full.writeSeal();
            sync(full);
            Segment segment = create(spare, path, node, firstSeq, random.nextLong(), files);
            return new SegmentWriter(segment, spare.file(), SegmentHeader.DATA_START, firstSeq - 1, 0);
        } catch (NoSpaceException e) {
            allocator.abandon(spare.path(), spare.file(), e);
            // It may have got its name already, and a later start must not find it.
            remove(path);
            throw e;
        }
    }

    /** Makes a spare a segment: a header that is on disk before the name says so, and a name that is. */
    static Segment create(
            SegmentAllocator.Spare spare, Path path, long node, long firstSeq, long salt, JournalFiles files)
            throws IOException {
        SegmentHeader header = new SegmentHeader(node, firstSeq, salt, spare.bytes());
        spare.file().write(header.encode(), 0);
        spare.file().sync();
        files.rename(spare.path(), path);
        Path directory = path.getParent();
        if (directory != null) {
            files.syncDirectory(directory);
        }
        return new Segment(path, header);
    }

    private void undo(SegmentWriter old, long place, long seq, long oldEnd, Deque<SegmentWriter> rolled) {
        Path file = old.segment().file();
        try {
            while (!rolled.isEmpty()) {
                SegmentWriter newest = rolled.pop();
                file = newest.segment().file();
                newest.file().close();
                remove(file);
            }
            file = old.segment().file();
            old.undoTo(place, seq, oldEnd);
        } catch (IOException e) {
            throw failed(file, UNDO, e);
        }
    }

    private void remove(Path file) {
        try {
            files.delete(file);
            files.syncDirectory(options.directory());
        } catch (IOException e) {
            throw failed(file, UNDO, e);
        }
    }

    private ResourceException refused(NoSpaceException e) {
        discard();
        return new ResourceException(
                ErrorCode.QUOTA_EXCEEDED, "the disk of the journal is full; writing resumes when there is space", e);
    }

    void sync() {
        requireWorking();
        long written = writtenSeq;
        if (written == syncedSeq) {
            return;
        }
        sync(active);
        syncedSeq = written;
    }

    private void sync(SegmentWriter writer) {
        try {
            writer.file().sync();
        } catch (IOException e) {
            throw failed(writer.segment().file(), "sync", e);
        }
    }

    private JournalFailedException failed(Path file, String act, IOException e) {
        JournalFailedException failed = new JournalFailedException(file, act, e);
        failure = failed;
        LOG.error("{}", failed.getMessage(), e);
        return failed;
    }

    private void requireWorking() {
        JournalFailedException failed = failure;
        if (failed != null) {
            throw failed;
        }
    }

    private static void close(SegmentWriter writer) {
        try {
            writer.file().close();
        } catch (IOException e) {
            LOG.warn(
                    "cannot close journal file {}, which is complete and synced: {}",
                    writer.segment().file(),
                    e.toString());
        }
    }

    /** Syncs, leaves a mark of the clean close and closes the file. */
    void close() {
        try {
            if (failure == null) {
                sync();
                if (!marked) {
                    active.writeMark();
                    sync(active);
                }
            }
        } catch (IOException e) {
            LOG.warn(
                    "cannot mark the clean end of journal file {}: {}. Everything in it is synced",
                    active.segment().file(),
                    e.toString());
        } finally {
            close(active);
        }
    }
}
