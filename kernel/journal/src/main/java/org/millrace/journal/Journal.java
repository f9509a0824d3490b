package org.millrace.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.millrace.spi.plugin.Registration;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal of one node: every accepted change, in order, durable by group commit. It is the truth; the store is a
 * view of it.
 *
 * <p><b>Threads.</b> {@link #append}, {@link #write}, {@link #sync}, {@link #publish} and {@link #discard} belong to one
 * writer thread, which must never be interrupted. Everything else may be called by any thread and does not block,
 * unless it says so.
 *
 * <p><b>Places.</b> {@code publishedSeq <= writtenSeq} and {@code syncedSeq <= writtenSeq <= lastSeq}. A change is
 * visible to readers once published; whether it is published after {@code write} or after {@code sync} is the choice of
 * the writer, by the durability asked for.
 */
public final class Journal implements AutoCloseable {
    private static final Duration ALLOCATION_PERIOD = Duration.ofSeconds(1);
    private static final Duration RETENTION_PERIOD = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    private final long node;
    private final HybridClock clock;
    private final Segments segments;
    private final SegmentAllocator allocator;
    private final JournalWriter writer;
    private final ChangeRing ring;
    private final Retention retention;
    private final Housekeeping housekeeping;
    private final JournalReader.Source source;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile long publishedSeq;
    private volatile boolean closed;

    private Journal(
            JournalOptions options,
            JournalFiles files,
            ContentDecoder contents,
            Clock time,
            Housekeeping housekeeping,
            SegmentAllocator allocator,
            JournalRecovery found) {
        this.node = found.writer().segment().header().node();
        this.clock = new HybridClock(time, found.maxClock());
        this.segments = found.segments();
        this.allocator = allocator;
        this.housekeeping = housekeeping;
        this.retention = new Retention(options, files, segments, time);
        this.writer = new JournalWriter(
                options,
                files,
                node,
                segments,
                allocator,
                () -> housekeeping.execute(retention::enforce),
                found.writer(),
                found.marked());
        this.publishedSeq = writer.lastSeq();
        this.ring = new ChangeRing(options.ringCapacity(), options.ringBytes(), publishedSeq);
        this.source = new JournalReader.Source(node, ring, segments, files, contents, () -> publishedSeq, () -> closed);
    }

    /**
     * Opens a journal, or starts a new one with a random node id if the directory has none. Blocks while it reads the
     * last segment, or all of them if so asked.
     *
     * <p>What a crash left behind at the end (half a batch, a transaction without its end) was never acknowledged; it
     * is dropped and reported at INFO.
     *
     * @param options where and how
     * @param files the file system
     * @param contents makes the contents of changes read from disk
     * @return the journal, with everything in it published and synced
     * @throws JournalCorruptException if a change that was once synced is damaged, or a segment is missing
     * @throws IOException if the disk cannot be read or written, or has no space for a segment
     */
    public static Journal open(JournalOptions options, JournalFiles files, ContentDecoder contents) throws IOException {
        return open(options, files, contents, Clock.systemUTC(), true);
    }

    /** As {@link #open(JournalOptions, JournalFiles, ContentDecoder)}, with another clock, or without a thread. */
    static Journal open(
            JournalOptions options, JournalFiles files, ContentDecoder contents, Clock time, boolean inBackground)
            throws IOException {
        Housekeeping housekeeping = new Housekeeping(inBackground);
        SegmentAllocator allocator =
                new SegmentAllocator(options.directory(), options.segmentBytes(), files, housekeeping);
        try {
            JournalRecovery found = JournalRecovery.run(options, files, allocator);
            Journal journal = new Journal(options, files, contents, time, housekeeping, allocator, found);
            allocator.prepare();
            housekeeping.repeat(allocator::prepare, ALLOCATION_PERIOD);
            housekeeping.repeat(journal.retention::enforce, RETENTION_PERIOD);
            return journal;
        } catch (IOException | RuntimeException e) {
            housekeeping.close();
            allocator.close();
            throw e;
        }
    }

    /**
     * The id of this node: random, made with the journal.
     *
     * @return what this journal's cursors carry
     */
    public long node() {
        return node;
    }

    /**
     * The clock of this node, which has seen every clock in the journal.
     *
     * @return the clock that gives versions
     */
    public HybridClock clock() {
        return clock;
    }

    /**
     * The oldest change kept.
     *
     * @return its seq; one more than {@link #lastSeq()} if the journal is empty
     */
    public long firstSeq() {
        return segments.firstSeq();
    }

    /**
     * The newest change appended, written or not.
     *
     * @return 0 if there was none yet
     */
    public long lastSeq() {
        return writer.lastSeq();
    }

    /**
     * The newest change handed to the operating system: it survives the death of the process.
     *
     * @return a seq
     */
    public long writtenSeq() {
        return writer.writtenSeq();
    }

    /**
     * The newest change on disk, as are all before it: they survive a power cut.
     *
     * @return a seq
     */
    public long syncedSeq() {
        return writer.syncedSeq();
    }

    /**
     * The newest change that readers see.
     *
     * @return a seq
     */
    public long publishedSeq() {
        return publishedSeq;
    }

    /**
     * Adds a change to the batch in memory. Writer thread only.
     *
     * @param change its cursor is this node and {@code lastSeq() + 1}
     * @param endOfGroup false if the next change belongs to the same transaction: after a crash either all of a group
     *     is there or nothing
     * @throws IllegalArgumentException if the cursor is not the next one
     * @throws org.millrace.spi.resource.ResourceException TOO_LARGE if the entry or the batch would pass 1 GiB; the
     *     change was not added
     * @throws JournalFailedException if the journal has failed
     */
    public void append(Change change, boolean endOfGroup) {
        writer.append(change, endOfGroup);
    }

    /**
     * How large the batch in memory is, so that the writer can bound it.
     *
     * @return bytes appended and not yet written
     */
    public long bufferedBytes() {
        return writer.bufferedBytes();
    }

    /** Forgets what was appended since the last write; {@link #lastSeq()} falls back. Writer thread only. */
    public void discard() {
        writer.discard();
    }

    /**
     * Hands the batch to the operating system. Writer thread only; blocks.
     *
     * @throws org.millrace.spi.resource.ResourceException QUOTA_EXCEEDED if the disk is full: the batch as a whole is
     *     undone and forgotten, {@link #lastSeq()} falls back, and a later batch may succeed
     * @throws JournalFailedException if the disk failed; whether the batch will be found after a restart is unknown
     * @throws IllegalStateException if the last group has no end
     */
    public void write() {
        writer.write();
    }

    /**
     * Makes everything written survive a power cut. Writer thread only; blocks.
     *
     * @throws JournalFailedException if the disk failed; it is never tried again
     */
    public void sync() {
        writer.sync();
    }

    /**
     * Makes written changes visible: to the ring, to readers and to those who wait for wake-ups. Writer thread only.
     *
     * @param batch the changes after {@link #publishedSeq()}, without a gap, none beyond {@link #writtenSeq()}
     */
    public void publish(List<Change> batch) {
        long last = publishedSeq;
        for (Change change : batch) {
            if (change.cursor().position() != last + 1 || last + 1 > writer.writtenSeq()) {
                throw new IllegalArgumentException("change " + change.cursor() + " cannot be published after " + last
                        + " while " + writer.writtenSeq() + " is the last one written");
            }
            ring.add(change);
            last++;
        }
        // A volatile write, so that a listener that goes to sleep either sees this seq or is seen asleep.
        publishedSeq = last;
        for (Runnable listener : listeners) {
            try {
                listener.run();
            } catch (RuntimeException e) {
                LOG.error("a listener of the journal failed, which it must not; it misses a wake-up: {}", listener, e);
            }
        }
    }

    /**
     * Why the journal takes no more writes.
     *
     * @return empty while it does
     */
    public Optional<JournalFailedException> failure() {
        return Optional.ofNullable(writer.failure());
    }

    /**
     * Reads from a place on.
     *
     * @param afterSeq the last change the caller has seen; 0 for none
     * @return a reader of what follows, to be closed
     * @throws org.millrace.spi.resource.ResourceException EXPIRED_CURSOR if retention has deleted what follows, INVALID
     *     if the journal has not come that far
     */
    public ChangeReader read(long afterSeq) {
        if (afterSeq < 0 || afterSeq > writer.writtenSeq()) {
            throw new ResourceException(
                    ErrorCode.INVALID,
                    "position " + afterSeq + " is not in the journal, which has come to " + writer.writtenSeq()
                            + "; it may be another journal's, or this one lost what was not synced in a power cut."
                            + " Start from the current state");
        }
        long firstSeq = segments.firstSeq();
        if (afterSeq + 1 < firstSeq) {
            throw JournalReader.expired(afterSeq + 1, firstSeq);
        }
        return new JournalReader(source, afterSeq);
    }

    /**
     * Calls back after each publication, on the writer thread: it must be quick and must not throw. See
     * {@link PublishSignal} for waking a thread.
     *
     * @param wakeup called after {@link #publishedSeq()} has grown
     * @return closing it ends the calls
     */
    public Registration onPublished(Runnable wakeup) {
        listeners.add(wakeup);
        return () -> listeners.remove(wakeup);
    }

    /**
     * Says what the store has applied. Until this is called nothing is deleted; afterwards nothing beyond the value is,
     * whatever the cost.
     *
     * @param appliedSeq asked by a thread of the journal; must not block
     */
    public void retainUnapplied(LongSupplier appliedSeq) {
        retention.retainUnapplied(appliedSeq);
    }

    /**
     * Keeps what a durable cursor has not seen, up to {@link JournalOptions#hardCapBytes()}.
     *
     * @param name for the log, if the cursor is overridden
     * @param seenSeq the last change nobody behind this pin needs any more; asked by a thread of the journal, must not
     *     block
     * @return closing it ends the pin
     */
    public Registration retain(String name, LongSupplier seenSeq) {
        return retain(name, seenSeq, deletedSeq -> {});
    }

    /**
     * As {@link #retain(String, LongSupplier)}, for a pin that stands for several cursors.
     *
     * @param name for the log, if the pin is overridden
     * @param seenSeq the last change nobody behind this pin needs any more; asked by a thread of the journal, must not
     *     block
     * @param expire told, at the hard cap, the last change about to be deleted: cursors that have not seen it are lost,
     *     and {@code seenSeq} must leave them out from then on; called by a thread of the journal, must not block
     * @return closing it ends the pin
     */
    public Registration retain(String name, LongSupplier seenSeq, LongConsumer expire) {
        return retention.pin(name, seenSeq, expire);
    }

    /**
     * Keeps changes of some tables for longer than {@link JournalOptions#retainAge()} and
     * {@link JournalOptions#retainBytes()} say, up to {@link JournalOptions#hardCapBytes()}. Since segments go whole and
     * oldest first, what follows such a change is kept along with it.
     *
     * @param byTable how long, by the first level of paths; asked by a thread of the journal, must not block
     */
    public void retainHistory(Supplier<Map<String, Duration>> byTable) {
        retention.retainHistory(byTable);
    }

    /**
     * Copies what follows a change, up to what is synced now, while writing goes on. Blocks. What retention might delete
     * meanwhile is the caller's to {@link #retain}.
     *
     * @param target an empty directory, made if missing
     * @param afterSeq what the copy need not have; whole segments are copied, so it may begin earlier
     * @param copied told how many bytes were copied so far
     * @return the last change in the copy
     * @throws IOException if a file cannot be read or written
     */
    public long copyTo(Path target, long afterSeq, LongConsumer copied) throws IOException {
        long through = syncedSeq();
        new JournalCopy(source.files(), copied).run(segments.all(), target, afterSeq, through);
        return through;
    }

    /** Deletes what retention allows, now. It happens by itself every few seconds. Blocks. */
    public void enforceRetention() {
        retention.enforce();
    }

    /**
     * How full the memory of recent changes is. Any thread.
     *
     * @return figures that may be moments old
     */
    public RingUsage ring() {
        return ring.usage(publishedSeq);
    }

    /** Drops the derived forms of all changes in the ring, so that a stopped plugin's classes can be unloaded. */
    public void forgetShared() {
        ring.forgetShared();
    }

    /**
     * Syncs what was written and closes the files. The writer thread must have ended, or be the caller. Readers then
     * fail with UNAVAILABLE.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        housekeeping.close();
        writer.close();
        allocator.close();
    }
}
