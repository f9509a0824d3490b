package org.millrace.store.kv;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An ordered map of bytes on disk with atomic, synced writes and cheap snapshots. Keys are ordered as unsigned bytes
 * and hold 1 to {@link #MAX_KEY} of them.
 *
 * <p>Any number of threads may read; one thread at a time may write. All failures are {@link KvException}s.
 */
public interface Kv extends AutoCloseable {
    /** The longest key in bytes. */
    int MAX_KEY = 511;

    /**
     * Reads one value within a short transaction. Any thread; blocks for a page fault at most.
     *
     * @param tree where to look
     * @param key which key
     * @param argument handed to the reader
     * @param reader takes what is wanted out of the value
     * @param <A> the argument's type
     * @param <R> the result's type
     * @return what the reader made, or null if there is no such key
     */
    <A, R> @Nullable R get(Tree tree, byte[] key, A argument, ValueReader<? super A, ? extends R> reader);

    /**
     * Reads several entries of one snapshot. Any thread. The work must be short and must not block: while it runs, no
     * page freed since can be reused, and the map cannot grow.
     *
     * @param work reads and copies
     * @param <R> the result's type
     * @return what the work made
     */
    <R> R read(SnapshotWork<R> work);

    /**
     * Runs a transaction and makes it durable. When this returns, the changes are on disk; when it throws, none is
     * there. The work may be run again from the start if the map had to grow.
     *
     * @param work writes
     */
    void write(WriteWork work);

    /**
     * How many entries a tree has.
     *
     * @param tree which
     * @return 0 if there is no such tree
     */
    long entries(Tree tree);

    /**
     * How full the map is.
     *
     * @return a moment's figures
     */
    KvUsage usage();

    /**
     * Looks for reads that have been going on for long. To be called every now and then by one thread: how long a read
     * has lasted is known from the calls before.
     *
     * @param age how long is long
     * @return those found, each once; the processes' that died are cleared away
     */
    List<OldReader> oldReaders(Duration age);

    /**
     * A read that keeps pages from being used again.
     *
     * @param reader the thread that reads, or another process
     * @param seconds since when at least
     * @param doing what it is at, for people
     */
    record OldReader(String reader, long seconds, String doing) {}

    /**
     * Copies one snapshot of the whole map, without free pages, and syncs the copy. Any thread; blocks for as long as
     * the map takes to be read and written. Reads and writes go on, but pages freed meanwhile are not reused.
     *
     * @param target an empty directory, made if missing
     */
    void copyTo(Path target);

    /** Waits for reads under way and closes. Later calls throw {@link KvException}. */
    @Override
    void close();

    /**
     * What {@link #read} runs.
     *
     * @param <R> the result's type
     */
    @FunctionalInterface
    interface SnapshotWork<R> {
        /**
         * Reads and copies.
         *
         * @param snapshot invalid after this call
         * @return what was read
         */
        R run(KvSnapshot snapshot);
    }

    /** What {@link #write} runs. */
    @FunctionalInterface
    interface WriteWork {
        /**
         * Writes.
         *
         * @param transaction invalid after this call
         */
        void run(KvTransaction transaction);
    }
}
