package org.millrace.store;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.millrace.journal.ChangeReader;
import org.millrace.journal.Journal;
import org.millrace.spi.resource.Change;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the records on disk up to the end of the journal when a store is opened, as after a crash. Changes are applied
 * as they were decided, without looking at preconditions again; applying one twice does no harm. Used by the opening
 * thread.
 */
final class Replay {
    private static final Logger LOG = LoggerFactory.getLogger(Replay.class);
    private static final int CHUNK_CHANGES = 65_536;
    private static final long CHUNK_BYTES = 32L << 20;
    private static final long PROGRESS_NANOS = 3_000_000_000L;

    private final RecordTree tree;
    private final ReadFirst readFirst;
    private final Journal journal;
    private final Path directory;
    private final TreeMap<byte[], Pending> chunk = new TreeMap<>(Arrays::compareUnsigned);
    private long chunkBytes;

    Replay(RecordTree tree, Journal journal, Path directory, ReadFirst readFirst) {
        this.tree = tree;
        this.readFirst = readFirst;
        this.journal = journal;
        this.directory = directory;
    }

    /**
     * Replays what is missing.
     *
     * @return the last change applied
     * @throws StoreOpenException if the journal does not have what is missing
     */
    long run() {
        long applied = tree.appliedSeq();
        long last = journal.lastSeq();
        if (applied > last) {
            throw new StoreOpenException("the records in " + directory + " contain changes up to " + applied
                    + ", but the journal ends at " + last
                    + ": it is an older copy, or has lost its end. Restore journal and records of the same moment");
        }
        if (applied + 1 < journal.firstSeq()) {
            throw new StoreOpenException("the records in " + directory + " contain changes up to " + applied
                    + ", but the journal begins at " + journal.firstSeq()
                    + ": what lies between is lost. Restore journal and records of the same moment");
        }
        if (applied == last) {
            return applied;
        }
        long total = last - applied;
        LOG.info("replaying {} changes of the journal, from {} to {}", total, applied + 1, last);
        long start = System.nanoTime();
        try (ChangeReader reader = journal.read(applied)) {
            replay(reader, total, start);
        }
        LOG.info("replayed {} changes in {} ms", total, (System.nanoTime() - start) / 1_000_000);
        return last;
    }

    private void replay(ChangeReader reader, long total, long start) {
        long begin = reader.position();
        long chunkEnd = begin + CHUNK_CHANGES;
        long nextProgress = start + PROGRESS_NANOS;
        for (@Nullable Change change = reader.next(); change != null; change = reader.next()) {
            if (change.kind().altersRecord()) {
                Pending state = Pending.of(RecordKey.of(change.path()), change);
                Pending before = chunk.put(state.key(), state);
                chunkBytes += state.weight() - (before == null ? 0 : before.weight());
            }
            if (reader.position() < chunkEnd && chunkBytes < CHUNK_BYTES) {
                continue;
            }
            commit(reader.position());
            chunkEnd = reader.position() + CHUNK_CHANGES;
            long now = System.nanoTime();
            if (now - nextProgress >= 0) {
                nextProgress = now + PROGRESS_NANOS;
                long done = reader.position() - begin;
                LOG.info(
                        "replayed {} of {} changes ({} %), up to change {}; about {} s left",
                        done,
                        total,
                        100 * done / total,
                        reader.position(),
                        (total - done) * ((now - start) / 1_000_000) / done / 1_000);
            }
        }
        commit(reader.position());
    }

    private void commit(long through) {
        List<Pending> states = new ArrayList<>(chunk.values());
        readFirst.read(states);
        tree.commit(states, through);
        chunk.clear();
        chunkBytes = 0;
    }
}
