package org.millrace.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;

/**
 * Random use of a journal by its writer, with a memory of what was promised at which moment. Each body tells the batch
 * it came with and its place in its group, so that what is found later can be held against the promises.
 */
final class Workload {
    static final Path DIRECTORY = Path.of("/journal");

    private static final int BODY_HEAD = 3 * Integer.BYTES;

    private final RandomGenerator random;
    private final RecordingFiles files;
    private final JournalOptions options;
    /** The last acknowledged change, by the moment from which on it was. */
    private final TreeMap<Integer, Long> acknowledged = new TreeMap<>();
    /** The moment from which on a batch was refused. */
    private final TreeMap<Integer, Integer> refused = new TreeMap<>();
    /** Which batch each acknowledged or accepted change came with. */
    private final TreeMap<Long, Integer> batchOf = new TreeMap<>();

    private Journal journal;
    private int batches;
    private int rolls;

    Workload(RandomGenerator random, RecordingFiles files) throws IOException {
        this.random = random;
        this.files = files;
        this.options = options();
        this.journal = open(files);
        acknowledged.put(0, 0L);
    }

    static JournalOptions options() {
        return JournalOptions.in(DIRECTORY)
                .withSegmentBytes(16 * 1024)
                .withRing(16, 64 * 1024)
                .withRetention(64 * 1024, Duration.ofDays(1), 128 * 1024);
    }

    static Journal open(RecordingFiles files) throws IOException {
        return Journal.open(options(), files, PlainContent::new, Clock.systemUTC(), false);
    }

    /** Writes so many batches. */
    void run(int count) throws IOException {
        journal.retainUnapplied(journal::syncedSeq);
        for (int i = 0; i < count; i++) {
            batch();
            if (random.nextInt(40) == 0) {
                journal.enforceRetention();
            }
            if (random.nextInt(50) == 0) {
                reopen();
            }
        }
    }

    private void reopen() throws IOException {
        journal.close();
        for (int tries = 0; ; tries++) {
            try {
                journal = open(files);
                break;
            } catch (NoSpaceException e) {
                if (tries == 10) {
                    throw e;
                }
            }
        }
        acknowledged.put(files.moment(), journal.syncedSeq());
        journal.retainUnapplied(journal::syncedSeq);
    }

    private void batch() throws IOException {
        int batch = ++batches;
        long before = journal.lastSeq();
        List<Change> changes = appendTo(journal, random, batch);
        try {
            journal.write();
        } catch (ResourceException e) {
            if (e.code() != ErrorCode.QUOTA_EXCEEDED || journal.lastSeq() != before) {
                throw e;
            }
            refused.put(batch, files.moment());
            return;
        } catch (JournalFailedException e) {
            // Nobody was told anything: what is found now counts.
            reopen();
            for (long seq = before + 1; seq <= journal.lastSeq(); seq++) {
                batchOf.put(seq, batch);
            }
            return;
        }
        changes.forEach(c -> batchOf.put(c.cursor().position(), batch));
        if (random.nextInt(5) > 0) {
            journal.sync();
            acknowledged.put(files.moment(), journal.syncedSeq());
        }
        journal.publish(changes);
    }

    static List<Change> appendTo(Journal journal, RandomGenerator random, int batch) {
        List<Change> changes = new ArrayList<>();
        int groups = 1 + random.nextInt(8);
        for (int g = 0; g < groups; g++) {
            int size = random.nextInt(4) == 0 ? 1 + random.nextInt(4) : 1;
            for (int i = 0; i < size; i++) {
                int body = BODY_HEAD
                        + switch (random.nextInt(60)) {
                            case 0 -> random.nextInt(20_000);
                            case 1, 2, 3 -> random.nextInt(3_000);
                            default -> random.nextInt(500);
                        };
                Change change = change(journal, batch, i, size, random, body);
                journal.append(change, i == size - 1);
                changes.add(change);
            }
        }
        return changes;
    }

    private static Change change(
            Journal journal, int batch, int index, int groupSize, RandomGenerator random, int bodyBytes) {
        byte[] body = new byte[bodyBytes];
        random.nextBytes(body);
        ByteBuffer.wrap(body).putInt(batch).putInt(index).putInt(groupSize);
        return Change.of(
                        ChangeKind.EVENT,
                        org.millrace.spi.resource.Path.of("t/" + batch),
                        new Version(journal.clock().next(), journal.node()),
                        new Cursor(journal.node(), journal.lastSeq() + 1))
                .content(new PlainContent(MediaType.OCTET_STREAM, body))
                .build();
    }

    /**
     * Holds a disk against the promises.
     *
     * @param moment when the power was cut
     * @return what was broken; empty if nothing
     */
    String check(RecordingFiles image, int moment) throws IOException {
        long promised = acknowledged.floorEntry(moment).getValue();
        try (Journal found = open(image)) {
            rolls += found.firstSeq() > 1 ? 1 : 0;
            if (found.lastSeq() < promised) {
                return "change " + promised + " was acknowledged, the last found is " + found.lastSeq();
            }
            if (found.firstSeq() > promised + 1) {
                return "the first found is " + found.firstSeq() + ", acknowledged was " + promised;
            }
            return read(found, promised, moment);
        } catch (JournalCorruptException e) {
            return e.toString();
        }
    }

    private String read(Journal found, long promised, int moment) {
        long seq = found.firstSeq() - 1;
        boolean groupOpen = false;
        try (ChangeReader reader = found.read(seq)) {
            for (Change c = reader.next(); c != null; c = reader.next()) {
                seq++;
                ByteBuffer body = c.content().orElseThrow().bytes();
                int batch = body.getInt();
                groupOpen = body.getInt() < body.getInt() - 1;
                if (c.cursor().position() != seq) {
                    return "change " + c.cursor() + " stands where " + seq + " is expected";
                }
                if (seq <= promised && batchOf.get(seq) != batch) {
                    return "change " + seq + " is of batch " + batch + ", promised was one of " + batchOf.get(seq);
                }
                if (refused.getOrDefault(batch, Integer.MAX_VALUE) <= moment) {
                    return "change " + seq + " is of batch " + batch + ", which was refused";
                }
            }
        }
        if (seq != found.lastSeq()) {
            return "reading ends at " + seq + ", the last is " + found.lastSeq();
        }
        return groupOpen ? "the group of the last change, " + seq + ", is not complete" : "";
    }

    int refusals() {
        return refused.size();
    }

    /** How many checked images had lost segments to retention, and so had rolled. */
    int rolledImages() {
        return rolls;
    }
}
