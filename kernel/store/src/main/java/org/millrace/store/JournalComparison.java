package org.millrace.store;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.journal.ChangeReader;
import org.millrace.journal.JournalCorruptException;
import org.millrace.journal.StoppedJournal;
import org.millrace.spi.resource.Change;
import org.millrace.store.kv.LmdbKv;
import org.millrace.store.kv.Tree;

/**
 * Goes through the changes of a journal that the records contain, and asks of each whether its record is what that
 * change made it, or what a later one did. Used by one thread; blocks.
 */
final class JournalComparison {
    /** How many records may at one moment be known to have been removed later. */
    private static final int MAX_ABSENT = 2_000_000;

    private final LmdbKv kv;
    private final RecordCodec codec;
    private final StoppedJournal journal;
    private final BiConsumer<String, String> fault;
    private final Consumer<String> progress;
    /** Records that are not there, with the change after which they were: a later change must have removed them. */
    private final Map<org.millrace.spi.resource.Path, Long> absent = new HashMap<>();

    private long matched;
    private long unchecked;

    /** What the map has for a key; the record itself only if it is the asked change's. */
    private record Found(long seq, @Nullable StoredEntry stored) {}

    JournalComparison(
            LmdbKv kv,
            RecordCodec codec,
            StoppedJournal journal,
            BiConsumer<String, String> fault,
            Consumer<String> progress) {
        this.kv = kv;
        this.codec = codec;
        this.journal = journal;
        this.fault = fault;
        this.progress = progress;
    }

    /** How many records are exactly what a change of the journal made them. */
    long matched() {
        return matched;
    }

    /** Compares all changes up to one; returns how many. */
    long run(long applied) {
        long first = journal.report().firstSeq();
        long last = Math.min(applied, journal.report().lastSeq());
        if (last < first) {
            return 0;
        }
        RecordVerifier.Progress shown = new RecordVerifier.Progress(progress, "changes", last - first + 1);
        try (ChangeReader reader = journal.read(first - 1)) {
            while (reader.position() < last) {
                Change change = reader.next();
                if (change == null) {
                    break;
                }
                if (change.kind().altersRecord()) {
                    compare(change);
                }
                shown.at(reader.position() - first + 1);
            }
        } catch (JournalCorruptException e) {
            fault.accept(e.file().toString(), "damaged at offset " + e.offset() + ", change " + e.expectedSeq());
        }
        absent.forEach((path, seq) -> fault.accept(
                "record '" + path + "'",
                "it is missing; the journal's change " + seq + " made it, and none removed it"));
        if (unchecked > 0) {
            progress.accept("more than " + MAX_ABSENT + " records were removed again; of " + unchecked
                    + " changes it was not checked whether their records were removed in order");
        }
        return last - first + 1;
    }

    private void compare(Change change) {
        byte[] key = RecordKey.of(change.path());
        Pending state = Pending.of(key, change);
        Found found = kv.get(Tree.RECORDS, key, state, (asked, value) -> {
            long seq = value.getLong(value.position() + RecordCodec.SEQ);
            return new Found(seq, seq == asked.seq() ? codec.decode(asked.path(), value) : null);
        });
        String place = "record '" + change.path() + "'";
        if (found == null) {
            noteAbsent(state);
        } else if (found.seq() < state.seq()) {
            fault.accept(
                    place,
                    state.entry() == null
                            ? "it is of change " + found.seq() + ", but change " + state.seq() + " removed it"
                            : "it is of change " + found.seq() + ", but change " + state.seq()
                                    + " of the journal came later and is not in it");
        } else if (found.seq() == state.seq()) {
            matched++;
            if (state.entry() == null) {
                fault.accept(place, "it is there, though change " + state.seq() + " removed it");
            } else if (!state.entry().equals(found.stored())) {
                fault.accept(place, "it differs from change " + state.seq() + " of the journal, which made it");
            }
        }
    }

    private void noteAbsent(Pending state) {
        if (state.entry() == null) {
            absent.remove(state.path());
        } else if (absent.size() < MAX_ABSENT || absent.containsKey(state.path())) {
            absent.put(state.path(), state.seq());
        } else {
            unchecked++;
        }
    }

    /** Names the records that say they are of a change which the journal has for another record. */
    void findStrangers() {
        TreeWalk walk = new TreeWalk(kv, Tree.RECORDS);
        boolean more = true;
        while (more) {
            more = walk.some((key, value) -> {
                long seq = value.getLong(value.position() + RecordCodec.SEQ);
                if (seq >= journal.report().firstSeq()
                        && seq <= journal.report().lastSeq()) {
                    checkOrigin(key, seq);
                }
            });
        }
    }

    private void checkOrigin(byte[] key, long seq) {
        try (ChangeReader reader = journal.read(seq - 1)) {
            Change change = reader.next();
            if (change == null || !Arrays.equals(RecordKey.of(change.path()), key)) {
                fault.accept(
                        RecordVerifier.place(key),
                        "it says that change " + seq + " made it, which the journal has for "
                                + (change == null ? "nothing" : "'" + change.path() + "'"));
            }
        } catch (JournalCorruptException e) {
            fault.accept(e.file().toString(), "damaged at offset " + e.offset() + ", change " + e.expectedSeq());
        }
    }
}
