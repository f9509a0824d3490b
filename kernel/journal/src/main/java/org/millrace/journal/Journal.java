package org.millrace.journal;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.millrace.spi.plugin.Registration;
import org.millrace.spi.resource.Change;

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
    private Journal() {}

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
        throw new UnsupportedOperationException();
    }

    /**
     * The id of this node: random, made with the journal.
     *
     * @return what this journal's cursors carry
     */
    public long node() {
        throw new UnsupportedOperationException();
    }

    /**
     * The clock of this node, which has seen every clock in the journal.
     *
     * @return the clock that gives versions
     */
    public HybridClock clock() {
        throw new UnsupportedOperationException();
    }

    /**
     * The oldest change kept.
     *
     * @return its seq; one more than {@link #lastSeq()} if the journal is empty
     */
    public long firstSeq() {
        throw new UnsupportedOperationException();
    }

    /**
     * The newest change appended, written or not.
     *
     * @return 0 if there was none yet
     */
    public long lastSeq() {
        throw new UnsupportedOperationException();
    }

    /**
     * The newest change handed to the operating system: it survives the death of the process.
     *
     * @return a seq
     */
    public long writtenSeq() {
        throw new UnsupportedOperationException();
    }

    /**
     * The newest change on disk, as are all before it: they survive a power cut.
     *
     * @return a seq
     */
    public long syncedSeq() {
        throw new UnsupportedOperationException();
    }

    /**
     * The newest change that readers see.
     *
     * @return a seq
     */
    public long publishedSeq() {
        throw new UnsupportedOperationException();
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
        throw new UnsupportedOperationException();
    }

    /**
     * How large the batch in memory is, so that the writer can bound it.
     *
     * @return bytes appended and not yet written
     */
    public long bufferedBytes() {
        throw new UnsupportedOperationException();
    }

    /** Forgets what was appended since the last write; {@link #lastSeq()} falls back. Writer thread only. */
    public void discard() {
        throw new UnsupportedOperationException();
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
        throw new UnsupportedOperationException();
    }

    /**
     * Makes everything written survive a power cut. Writer thread only; blocks.
     *
     * @throws JournalFailedException if the disk failed; it is never tried again
     */
    public void sync() {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes written changes visible: to the ring, to readers and to those who wait for wake-ups. Writer thread only.
     *
     * @param batch the changes after {@link #publishedSeq()}, without a gap, none beyond {@link #writtenSeq()}
     */
    public void publish(List<Change> batch) {
        throw new UnsupportedOperationException();
    }

    /**
     * Why the journal takes no more writes.
     *
     * @return empty while it does
     */
    public Optional<JournalFailedException> failure() {
        throw new UnsupportedOperationException();
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
        throw new UnsupportedOperationException();
    }

    /**
     * Calls back after each publication, on the writer thread: it must be quick and must not throw. See
     * {@link PublishSignal} for waking a thread.
     *
     * @param wakeup called after {@link #publishedSeq()} has grown
     * @return closing it ends the calls
     */
    public Registration onPublished(Runnable wakeup) {
        throw new UnsupportedOperationException();
    }

    /**
     * Says what the store has applied. Until this is called nothing is deleted; afterwards nothing beyond the value is,
     * whatever the cost.
     *
     * @param appliedSeq asked by a thread of the journal; must not block
     */
    public void retainUnapplied(LongSupplier appliedSeq) {
        throw new UnsupportedOperationException();
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
        throw new UnsupportedOperationException();
    }

    /** Deletes what retention allows, now. It happens by itself every few seconds. Blocks. */
    public void enforceRetention() {
        throw new UnsupportedOperationException();
    }

    /** Drops the derived forms of all changes in the ring, so that a stopped plugin's classes can be unloaded. */
    public void forgetShared() {
        throw new UnsupportedOperationException();
    }

    /**
     * Syncs what was written and closes the files. The writer thread must have ended, or be the caller. Readers then
     * fail with UNAVAILABLE.
     */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
