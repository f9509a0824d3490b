package org.millrace.store;

import static org.millrace.store.TestNode.delete;
import static org.millrace.store.TestNode.patch;
import static org.millrace.store.TestNode.path;
import static org.millrace.store.TestNode.publish;
import static org.millrace.store.TestNode.put;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.millrace.content.AttributePath;
import org.millrace.journal.ChangeReader;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.JournalOptions;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/**
 * The process whose power is cut: writes everything that can be written into {@code base/data}, notes what was
 * acknowledged in {@code base/acks}, so that it stands in the trace of the disk in its place, and keeps every change that
 * ever was in a file elsewhere. Arguments: base, that file, a seed, how many requests.
 */
final class PowerCutScribe {
    private static final int WINDOW = 24;
    private static final int RECORDS = 300;
    private static final int LARGE = 120;
    private static final int PAIRS = 40;
    /** Tables whose indexes come and go; building the last takes several slices, since its records are large. */
    private static final List<String> INDEXED = List.of("t", "x", "long", "large");

    private static final AttributePath N = AttributePath.parse("n");
    private static final AttributePath PATCHED = AttributePath.parse("patched");
    private static final List<Set<AttributePath>> INDEXES =
            List.of(Set.of(N), Set.of(N, PATCHED), Set.of(), Set.of(PATCHED));

    private final TestNode node;
    private final FileChannel acks;
    private final RandomGenerator random;
    private final Semaphore window = new Semaphore(WINDOW);
    private final List<PowerCutSubscriber> subscribers;
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    private PowerCutScribe(TestNode node, FileChannel acks, RandomGenerator random) {
        this.node = node;
        this.acks = acks;
        this.random = random;
        this.subscribers = PowerCutSubscriber.all(node.journal);
    }

    static StoreOptions storeOptions(Path data) {
        return StoreOptions.at(data)
                .withMapBytes(1 << 20)
                .withOverlay(400, 1 << 20)
                .withIntervals(Duration.ofMillis(15), Duration.ofMillis(20), Duration.ofMillis(25));
    }

    /** Small segments, and so little history that retention is at work. */
    static JournalOptions journalOptions(Path data) {
        return JournalOptions.in(data.resolve("journal"))
                .withSegmentBytes(64 << 10)
                .withRetention(192 << 10, Duration.ofDays(1), 64 << 20);
    }

    public static void main(String[] args) throws Exception {
        Path base = Path.of(args[0]);
        RandomGenerator random = new SplittableRandom(Long.parseLong(args[2]));
        int requests = Integer.parseInt(args[3]);
        Path data = base.resolve("data");
        try (FileChannel acks = FileChannel.open(
                        base.resolve("acks"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                BufferedWriter history = Files.newBufferedWriter(Path.of(args[1]))) {
            TestNode node =
                    new TestNode(storeOptions(data), journalOptions(data), JournalFiles.system(), Clock.systemUTC());
            AtomicLong followed = new AtomicLong();
            node.journal.retain("the history", followed::get);
            PowerCutScribe scribe = new PowerCutScribe(node, acks, random);
            try (ChangeReader follower = node.journal.read(0)) {
                for (int i = 0; i < requests; i++) {
                    scribe.request(i);
                    follow(follower, history, followed);
                }
                scribe.finish();
                node.close();
                followAll(data, follower.position(), history);
            }
        }
        System.out.println("done");
    }

    private void request(int n) throws Exception {
        if (n % 40 == 0) {
            node.store.declareIndexes(
                    INDEXED.get(random.nextInt(INDEXED.size())), INDEXES.get(random.nextInt(INDEXES.size())));
        }
        window.acquire();
        if (n % 10 == 9) {
            PowerCutSubscriber subscriber = subscribers.get(n / 10 % subscribers.size());
            long place = subscriber.readOn(random);
            submit(
                    List.of(put(subscriber.record(), Long.toString(place))),
                    Durability.FSYNC,
                    () -> subscriber.saved(place));
        } else {
            submit(writes(random, n), random.nextInt(4) > 0 ? Durability.FSYNC : Durability.OS, () -> {});
        }
        Exception failed = failure.get();
        if (failed != null) {
            throw failed;
        }
    }

    private void finish() throws InterruptedException {
        window.acquire(WINDOW);
        subscribers.forEach(PowerCutSubscriber::close);
    }

    private void submit(List<Write> writes, Durability durability, Runnable then) {
        WriteRequest.Outcome outcome = new WriteRequest.Outcome() {
            @Override
            public void committed(List<Commit> commits) {
                if (durability == Durability.FSYNC) {
                    // On the writer's thread, behind the sync: what the trace has behind this was not yet promised.
                    append(commits.getLast().cursor().position() + "\n");
                }
                then.run();
                window.release();
            }

            @Override
            public void refused(ResourceException reason) {
                // A patch of what is no JSON object, or of what is not there: nothing was done.
                window.release();
            }
        };
        while (!node.store.submit(new WriteRequest(writes, "scribe", durability, outcome))) {
            Thread.onSpinWait(); // never for long: the window is smaller than the queue
        }
    }

    private void append(String line) {
        try {
            acks.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII)));
        } catch (IOException e) {
            failure.compareAndSet(null, e);
        }
    }

    private static List<Write> writes(RandomGenerator random, int n) {
        if (random.nextInt(8) == 0) {
            // Two tables, one transaction: never is one of the two there without the other.
            String pair = "/" + random.nextInt(PAIRS);
            return random.nextInt(5) == 0
                    ? List.of(delete("left" + pair), delete("right" + pair))
                    : List.of(put("left" + pair, "{\"n\":" + n + "}"), put("right" + pair, "{\"n\":" + n + "}"));
        }
        int count = random.nextInt(5) == 0 ? 2 + random.nextInt(3) : 1;
        List<Write> writes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String id = "t/" + random.nextInt(RECORDS);
            writes.add(
                    switch (random.nextInt(12)) {
                        case 0 -> delete(id);
                        case 1 -> publish("e/" + id, "{\"event\":" + n + "}");
                        case 2 -> patch(id, "{\"patched\":" + n + "}");
                        case 3 ->
                            put(
                                    "x/" + id,
                                    "{\"n\":" + n + "}",
                                    WriteOptions.DEFAULT.withExpiresAt(
                                            Instant.now().plusMillis(20 + random.nextInt(200))));
                        case 4 -> put("long/" + "y".repeat(500) + id, "{\"n\":" + n + "}");
                        case 5 ->
                            new Write.Put(
                                    path("large/" + random.nextInt(LARGE)),
                                    TestNode.bytes(1 + random.nextInt(30_000)),
                                    WriteOptions.DEFAULT);
                        default -> put(id, "{\"n\":" + n + ",\"fill\":\"" + "z".repeat(random.nextInt(300)) + "\"}");
                    });
        }
        return writes;
    }

    private static void follow(ChangeReader reader, BufferedWriter history, AtomicLong followed) throws IOException {
        for (Change change = reader.next(); change != null; change = reader.next()) {
            history.write(line(change));
            history.newLine();
        }
        followed.set(reader.position());
    }

    /** The rest, which the store's own expiry may have added to until it was closed. */
    private static void followAll(Path data, long after, BufferedWriter history) throws IOException {
        org.millrace.journal.StoppedJournal journal = org.millrace.journal.StoppedJournal.open(
                data.resolve("journal"), JournalFiles.system(), TestNode.FORMATS::trusted);
        try (ChangeReader reader = journal.read(after)) {
            follow(reader, history, new AtomicLong());
        }
    }

    /** A change in a line: seq, whether the record is gone or untouched or made, checksum of its content, path. */
    static String line(Change change) {
        String effect = switch (change.kind()) {
            case PUT, PATCH -> "=";
            case DELETE, EXPIRE -> "-";
            case EVENT -> "!";
        };
        String sum = change.content()
                .map(content -> Integer.toHexString(java.util.Arrays.hashCode(content.toByteArray())))
                .orElse(change.kind() == ChangeKind.EVENT ? "?" : "-");
        return change.cursor().position() + " " + effect + " " + sum + " " + change.path();
    }
}
