package org.millrace.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.millrace.journal.ChangeReader;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.StoppedJournal;
import org.millrace.spi.resource.Change;
import org.millrace.store.kv.KvException;
import org.millrace.store.kv.LmdbKv;
import org.millrace.store.kv.Tree;

/**
 * Opens disks that power cuts have left and says what is wrong with them, in a process of its own, for a broken map may
 * end it. Argument: the file with every change that ever was. Each line of input is a data directory and the last seq
 * acknowledged by then; each line of output begins with {@code ok} (and the oldest change, the number of records, the
 * number of cursors, and whether an index was being built or dropped), {@code LOST} or {@code CORRUPT}.
 */
final class PowerCutCheck {
    /** Before any expiry, so that recovery changes nothing by itself. */
    private static final Clock LONG_AGO = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

    private final List<String> history;

    private PowerCutCheck(List<String> history) {
        this.history = history;
    }

    public static void main(String[] args) throws IOException {
        PowerCutCheck check = new PowerCutCheck(Files.readAllLines(Path.of(args[0])));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", -1);
            String found;
            try {
                found = check.check(Path.of(words[0]), Long.parseLong(words[1]));
            } catch (RuntimeException | IOException e) {
                found = "CORRUPT " + e;
            }
            System.out.println(found.replace('\n', ' '));
        }
    }

    private String check(Path data, long acknowledged) throws IOException {
        IndexStates left = IndexStates.of(data);
        if (!left.problem().isEmpty()) {
            return left.problem();
        }
        int cursors;
        try (TestNode node = new TestNode(
                PowerCutScribe.storeOptions(data),
                PowerCutScribe.journalOptions(data),
                JournalFiles.system(),
                LONG_AGO)) {
            long last = node.journal.lastSeq();
            if (last < acknowledged) {
                return "LOST the journal ends at " + last + ", acknowledged was " + acknowledged;
            }
            String problem = checkJournal(node, last);
            if (problem.isEmpty()) {
                problem = checkRecords(node, last);
            }
            if (problem.isEmpty()) {
                problem = checkPairs(node);
            }
            List<StoredEntry> places = node.scan(ScanRange.table("cursor"), 64);
            cursors = places.size();
            for (StoredEntry place : places) {
                if (problem.isEmpty()) {
                    problem = checkCursor(node, last, place);
                }
            }
            if (problem.isEmpty()) {
                problem = finishIndexes(node);
            }
            if (!problem.isEmpty()) {
                return problem;
            }
            node.write(TestNode.put("after/it", "1"), TestNode.put("t/after", "{\"n\":1}"));
        }
        return verify(data, cursors, left);
    }

    /** What the indexes were like when the power was cut, and whether they were those of the records at that moment. */
    private record IndexStates(String problem, boolean underWay) {
        static IndexStates of(Path data) {
            Path records = data.resolve("records");
            if (!Files.exists(records.resolve(LmdbKv.DATA_FILE))) {
                return new IndexStates("", false);
            }
            try (LmdbKv kv = LmdbKv.openReadOnly(records)) {
                if (kv.entries(Tree.META) == 0) {
                    return new IndexStates("", false); // the power was cut before there was anything
                }
                for (IndexVerifier.Report report : new IndexVerifier(kv, TestNode.FORMATS).verify(_ -> {})) {
                    if (!report.isSound()) {
                        return new IndexStates(
                                "CORRUPT as left: " + report.problems().getFirst(), false);
                    }
                }
                return new IndexStates(
                        "",
                        new IndexTree(kv)
                                .load().stream().anyMatch(note -> note.index().state() != Index.State.READY));
            } catch (KvException e) {
                // Nothing had been synced of a new file: it is made anew if nothing else is wrong.
                return new IndexStates("", false);
            }
        }
    }

    /** Building goes on where it was and comes to an end; whether that is the right one, {@link #verify} sees. */
    private static String finishIndexes(TestNode node) {
        long giveUp = System.nanoTime() + 30_000_000_000L;
        while (!node.store.indexes().stream().allMatch(IndexStatus::isReady)) {
            if (System.nanoTime() > giveUp) {
                return "CORRUPT indexes are not finished: " + node.store.indexes();
            }
            LockSupport.parkNanos(1_000_000);
        }
        return "";
    }

    /** What one transaction wrote to two tables is in both or in neither. */
    private static String checkPairs(TestNode node) {
        Map<String, String> left = pairs(node, "left");
        Map<String, String> right = pairs(node, "right");
        return left.equals(right) ? "" : "CORRUPT halves of transactions: " + left + " and " + right;
    }

    private static Map<String, String> pairs(TestNode node, String table) {
        Map<String, String> found = new HashMap<>();
        for (StoredEntry stored : node.scan(ScanRange.table(table), 64)) {
            found.put(stored.entry().path().id(), TestNode.text(stored.entry().content()));
        }
        return found;
    }

    private String checkJournal(TestNode node, long last) {
        for (Change change : node.changes()) {
            long seq = change.cursor().position();
            String was = history.get((int) seq - 1);
            if (!was.equals(PowerCutScribe.line(change))) {
                return "CORRUPT change " + seq + " is '" + PowerCutScribe.line(change) + "', it was '" + was + "'";
            }
        }
        return last > history.size()
                ? "CORRUPT the journal has " + last + " changes, ever made were " + history.size()
                : "";
    }

    /** The records are what all changes up to the last one make of them. */
    private String checkRecords(TestNode node, long last) {
        Map<String, String> expected = new HashMap<>();
        for (String line : history.subList(0, (int) last)) {
            String[] words = line.split(" ", 4);
            switch (words[1]) {
                case "=" -> expected.put(words[3], words[0] + " " + words[2]);
                case "-" -> expected.remove(words[3]);
                default -> {}
            }
        }
        for (StoredEntry stored : node.scan(ScanRange.prefix(""), 200)) {
            String path = stored.entry().path().toString();
            String found = stored.seq() + " "
                    + Integer.toHexString(
                            java.util.Arrays.hashCode(stored.entry().content().toByteArray()));
            String wanted = expected.remove(path);
            if (!found.equals(wanted)) {
                return "CORRUPT record '" + path + "' is " + found + ", it was " + wanted;
            }
        }
        return expected.isEmpty() ? "" : "CORRUPT missing at change " + last + ": " + expected;
    }

    /** A durable cursor that is in the records can be read from: every change behind it, in order, and no other. */
    private String checkCursor(TestNode node, long last, StoredEntry stored) {
        String name = stored.entry().path().toString();
        long position = Long.parseLong(TestNode.text(stored.entry().content()));
        if (position > last || position + 1 < node.journal.firstSeq()) {
            return "LOST " + name + " at " + position + " has nothing to resume from: the journal has "
                    + node.journal.firstSeq() + " to " + last;
        }
        try (ChangeReader reader = node.journal.read(position)) {
            long read = position;
            for (Change change = reader.next(); change != null; change = reader.next()) {
                if (!history.get((int) read).equals(PowerCutScribe.line(change))) {
                    return "CORRUPT " + name + " at " + position + " leads to '" + PowerCutScribe.line(change)
                            + "', not to '" + history.get((int) read) + "'";
                }
                read++;
            }
            return read == last ? "" : "CORRUPT " + name + " at " + position + " leads to " + read + " of " + last;
        }
    }

    private static String verify(Path data, int cursors, IndexStates left) throws IOException {
        StoppedJournal journal =
                StoppedJournal.open(data.resolve("journal"), JournalFiles.system(), TestNode.FORMATS::trusted);
        if (!journal.report().isIntact()) {
            return "CORRUPT " + journal.report().damages();
        }
        RecordVerifier.Outcome found = new RecordVerifier(data, journal, line -> {}).verify();
        return found.faults().isEmpty()
                ? "ok " + journal.report().firstSeq() + " " + found.records() + " " + cursors + " " + left.underWay()
                : "CORRUPT " + found.faults().getFirst();
    }
}
