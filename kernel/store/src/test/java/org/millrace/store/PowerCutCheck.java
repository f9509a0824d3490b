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
import org.millrace.journal.ChangeReader;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.StoppedJournal;
import org.millrace.spi.resource.Change;

/**
 * Opens disks that power cuts have left and says what is wrong with them, in a process of its own, for a broken map may
 * end it. Argument: the file with every change that ever was. Each line of input is a data directory and the last seq
 * acknowledged by then; each line of output begins with {@code ok} (and the oldest change and the
 * number of records), {@code LOST} or {@code CORRUPT}.
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
                problem = checkCursor(node, last);
            }
            if (!problem.isEmpty()) {
                return problem;
            }
            node.write(TestNode.put("after/it", "1"));
        }
        return verify(data);
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

    /** A durable cursor that is in the records can be read from. */
    private static String checkCursor(TestNode node, long last) {
        String text = node.text("cursor/c");
        if (text == null) {
            return "";
        }
        long position = Long.parseLong(text);
        if (position > last || position + 1 < node.journal.firstSeq()) {
            return "LOST the cursor at " + position + " has nothing to resume from: the journal has "
                    + node.journal.firstSeq() + " to " + last;
        }
        try (ChangeReader reader = node.journal.read(position)) {
            long read = 0;
            while (reader.next() != null) {
                read++;
            }
            return read == last - position ? "" : "CORRUPT " + read + " changes behind cursor " + position;
        }
    }

    private static String verify(Path data) throws IOException {
        StoppedJournal journal =
                StoppedJournal.open(data.resolve("journal"), JournalFiles.system(), TestNode.FORMATS::trusted);
        if (!journal.report().isIntact()) {
            return "CORRUPT " + journal.report().damages();
        }
        RecordVerifier.Outcome found = new RecordVerifier(data, journal, line -> {}).verify();
        return found.faults().isEmpty()
                ? "ok " + journal.report().firstSeq() + " " + found.records()
                : "CORRUPT " + found.faults().getFirst();
    }
}
