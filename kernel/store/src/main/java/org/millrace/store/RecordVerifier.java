package org.millrace.store;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.journal.StoppedJournal;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ResourceException;
import org.millrace.store.kv.KvException;
import org.millrace.store.kv.LmdbKv;
import org.millrace.store.kv.Tree;

/**
 * Reads all records of a stopped host and compares them with its journal, without altering anything: that each record
 * can be read and is where its path belongs, that indexes have each record that belongs there and no other, and that
 * every change the journal still has is what the records say. Blocks; used by one thread.
 *
 * <p>Memory does not grow with the number of records.
 */
public final class RecordVerifier {
    private static final int MAX_FAULTS = 1_000;

    private final ContentFormats strict = new ContentFormats(new ContentLimits(1 << 30, ContentLimits.DEEPEST));
    private final StoppedJournal journal;
    private final Path directory;
    private final Consumer<String> progress;
    private final List<Fault> faults = new ArrayList<>();
    private long faultCount;
    private long records;
    private long recordsOfJournal;
    private long expiring;

    /**
     * One thing that is wrong.
     *
     * @param place what it is wrong with: a record, a file
     * @param problem what is wrong there
     */
    public record Fault(String place, String problem) {}

    /**
     * What was found.
     *
     * @param records how many records there are
     * @param changes how many changes of the journal they were compared with
     * @param appliedSeq the last change the records contain
     * @param faults the first thousand faults
     * @param faultCount how many there are
     */
    public record Outcome(long records, long changes, long appliedSeq, List<Fault> faults, long faultCount) {}

    /**
     * Prepares a verification.
     *
     * @param data the data directory, which is locked or not in use
     * @param journal its journal
     * @param progress is told now and then how far it has come
     */
    public RecordVerifier(Path data, StoppedJournal journal, Consumer<String> progress) {
        this.directory = data.resolve("records");
        this.journal = journal;
        this.progress = progress;
    }

    /**
     * Reads and compares everything.
     *
     * @return what was found
     */
    public Outcome verify() {
        try (LmdbKv kv = LmdbKv.openReadOnly(directory)) {
            RecordTree tree = new RecordTree(kv, new RecordCodec(strict));
            long applied = tree.appliedSeq();
            long changes = 0;
            if (checkBelonging(tree, applied)) {
                walkRecords(kv, tree, applied);
                walkExpiries(kv);
                JournalComparison comparison =
                        new JournalComparison(kv, tree.codec(), journal, this::fault, this.progress);
                changes = comparison.run(applied);
                if (comparison.matched() != recordsOfJournal) {
                    comparison.findStrangers();
                }
            }
            if (kv.entries(Tree.INDEXES) > 0) {
                checkIndexes(kv);
            }
            return new Outcome(records, changes, applied, List.copyOf(faults), faultCount);
        } catch (KvException e) {
            fault(directory.toString(), String.valueOf(e.getMessage()));
            return new Outcome(records, 0, 0, List.copyOf(faults), faultCount);
        }
    }

    private void fault(String place, String problem) {
        faultCount++;
        if (faults.size() < MAX_FAULTS) {
            faults.add(new Fault(place, problem));
        }
    }

    /** Whether journal and records are of one node and of one time, so that comparing them makes sense. */
    private boolean checkBelonging(RecordTree tree, long applied) {
        if (tree.format() != RecordCodec.FORMAT) {
            fault(
                    directory.toString(),
                    "the records are of format " + tree.format() + "; this release reads format " + RecordCodec.FORMAT);
            return false;
        }
        if (journal.report().node() != 0 && tree.node() != journal.report().node()) {
            fault(
                    directory.toString(),
                    "the records belong to node " + Long.toHexString(tree.node()) + ", the journal to node "
                            + Long.toHexString(journal.report().node()));
            return false;
        }
        if (applied > journal.report().lastSeq() && journal.report().isIntact()) {
            fault(
                    directory.toString(),
                    "the records contain changes up to " + applied + ", the journal ends at "
                            + journal.report().lastSeq());
        }
        if (applied + 1 < journal.report().firstSeq()) {
            fault(
                    directory.toString(),
                    "the records contain changes up to " + applied + ", the journal begins at "
                            + journal.report().firstSeq() + ": what lies between is lost");
        }
        return true;
    }

    private void walkRecords(LmdbKv kv, RecordTree tree, long applied) {
        long total = kv.entries(Tree.RECORDS);
        Progress shown = new Progress(progress, "records", total);
        TreeWalk walk = new TreeWalk(kv, Tree.RECORDS);
        while (walk.some((key, value) -> checkRecord(kv, tree, key, value, applied))) {
            shown.at(records);
        }
    }

    private void checkRecord(LmdbKv kv, RecordTree tree, byte[] key, ByteBuffer value, long applied) {
        records++;
        String place = place(key);
        try {
            StoredEntry stored = tree.codec().decode(key, value);
            Entry entry = stored.entry();
            if (!Arrays.equals(RecordKey.of(entry.path()), key)) {
                fault(place, "the record says that its path is '" + entry.path() + "'");
            }
            if (stored.seq() > applied) {
                fault(place, "it holds change " + stored.seq() + ", though the records end at " + applied);
            } else if (stored.seq() >= journal.report().firstSeq()
                    && stored.seq() <= journal.report().lastSeq()) {
                recordsOfJournal++;
            }
            strict.of(entry.content().mediaType(), entry.content().toByteArray());
            long expiry = Expiry.millis(entry.expiresAt());
            if (expiry != Expiry.NEVER) {
                expiring++;
                if (kv.get(Tree.EXPIRY, RecordTree.expiryKey(expiry, key), this, (self, empty) -> true) == null) {
                    fault(place, "it expires at " + entry.expiresAt() + ", which the index of expiry times lacks");
                }
            }
        } catch (ResourceException e) {
            fault(place, "its content is damaged: " + e.getMessage());
        } catch (RuntimeException e) {
            fault(place, "it cannot be read: " + e);
        }
    }

    private void checkIndexes(LmdbKv kv) {
        progress.accept("comparing indexes with records");
        for (IndexVerifier.Report report : new IndexVerifier(kv, strict).verify(looked -> {})) {
            String place = "index of '" + report.status().attribute() + "' in table '"
                    + report.status().table() + "'";
            report.problems().forEach(problem -> fault(place, problem));
            faultCount += report.problemCount() - report.problems().size();
        }
    }

    /** Only if the numbers differ is there an entry for no record. */
    private void walkExpiries(LmdbKv kv) {
        if (kv.entries(Tree.EXPIRY) == expiring) {
            return;
        }
        TreeWalk walk = new TreeWalk(kv, Tree.EXPIRY);
        boolean more = true;
        while (more) {
            more = walk.some((key, nothing) -> checkExpiry(kv, key));
        }
    }

    private void checkExpiry(LmdbKv kv, byte[] indexKey) {
        byte[] key = Arrays.copyOfRange(indexKey, Long.BYTES, indexKey.length);
        long time = ByteBuffer.wrap(indexKey).getLong() ^ Long.MIN_VALUE;
        @Nullable Long expiry = kv.get(Tree.RECORDS, key, this, (self, value) -> RecordCodec.expiryMillis(value));
        if (expiry == null || expiry != time) {
            fault(
                    place(key),
                    "the index of expiry times has it, though "
                            + (expiry == null ? "there is no such record" : "it expires at another time"));
        }
    }

    /** How a record is named that may not be readable. */
    static String place(byte[] key) {
        return "record '"
                + (RecordKey.isShortened(key)
                        ? new String(key, 0, RecordKey.PREFIX, java.nio.charset.StandardCharsets.UTF_8) + "...'"
                        : RecordKey.path(key) + "'");
    }

    /** Tells of every tenth part of a long walk. */
    static final class Progress {
        private static final int STEPS = 10;
        /** What is done in a moment needs no progress. */
        private static final long WORTH_TELLING = 100_000;

        private final Consumer<String> told;
        private final String what;
        private final long total;
        private long next;

        Progress(Consumer<String> told, String what, long total) {
            this.told = told;
            this.what = what;
            this.total = total;
            this.next = Math.max(1, total / STEPS);
        }

        void at(long done) {
            if (done >= next && total >= WORTH_TELLING) {
                told.accept(what + ": " + done + " of " + total + " (" + 100 * done / total + " %)");
                next = done + Math.max(1, total / STEPS);
            }
        }
    }
}
