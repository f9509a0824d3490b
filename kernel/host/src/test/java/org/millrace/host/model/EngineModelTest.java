package org.millrace.host.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.host.Host;
import org.millrace.host.TestHost;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Effect;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/**
 * Random clients against a whole host: puts, patches, deletes, events, transactions, expiry, slow subscribers of all
 * kinds and restarts, held against a plain map.
 */
class EngineModelTest {
    private static final int CLIENTS = 3;
    private static final int PATHS = 12;
    private static final List<String> FILTERS = List.of("#", "t1/#", "t0/+", "+/3", "t1/2");

    @TempDir
    private java.nio.file.Path directory;

    private final MovedClock clock = new MovedClock();
    private Random random;
    private Host host;
    private PluginContext context;

    /** What a client was told of each write, in the order it asked. */
    private final List<List<CompletionStage<List<Commit>>>> asked = new ArrayList<>();

    private final Map<CompletionStage<List<Commit>>, List<Write>> writes = new HashMap<>();

    private static final class MovedClock extends Clock {
        private volatile Instant now = Instant.parse("2030-01-01T00:00:00Z");

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    private void start() throws Exception {
        host = Host.builder(TestHost.configuration(directory, "journal.ring-capacity=1024"))
                .clock(clock)
                .plugin("test", given -> context = given)
                .start();
    }

    private Resources view(String name, ExecutorService executor) {
        return context.resources(Identity.ANONYMOUS, new ConnectionInfo("test", "", false, name), executor);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whateverHappensEverySubscriberSeesWhatThePlainMapSays(long seed) throws Exception {
        run(seed, 3, 120);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void soItIsInLongRuns(long seed) throws Exception {
        run(seed, 6, 1_500);
    }

    private void run(long seed, int rounds, int writesEach) throws Exception {
        random = new Random(seed);
        List<Follower> durable = new ArrayList<>();
        try {
            start();
            long node = context.resources(Identity.ANONYMOUS, new ConnectionInfo("test", "", false, ""), Runnable::run)
                    .put(Path.of("t0/first"), json("{\"a\":1}"), WriteOptions.DEFAULT)
                    .toCompletableFuture()
                    .get()
                    .cursor()
                    .node();
            Cursor beginning = new Cursor(node, 0);
            Map<Integer, Cursor> places = new HashMap<>();
            Map<Integer, List<Change>> seen = new HashMap<>();
            for (int round = 0; round < rounds; round++) {
                durable.clear();
                for (int i = 0; i < FILTERS.size(); i++) {
                    Start from = new Start.After(places.getOrDefault(i, beginning));
                    durable.add(follower(FILTERS.get(i), from, Overflow.EVERY, ""));
                }
                List<Follower> passing = work(writesEach);
                for (Follower follower : passing) {
                    follower.drain();
                    follower.awaitMark();
                }
                boolean last = round == rounds - 1;
                List<Change> log = settledLog(beginning);
                ModelTree model = ModelTree.of(log);
                checkAcknowledgements(log);
                checkTree(model);
                checkPassing(passing, model);
                for (int i = 0; i < FILTERS.size(); i++) {
                    Follower follower = durable.get(i);
                    List<Change> before = seen.computeIfAbsent(i, _ -> new ArrayList<>());
                    if (last) {
                        follower.drain();
                        long expected = log.stream()
                                .filter(c -> follower.filter.matches(c.path()))
                                .count();
                        awaitOn(follower, () -> before.size() + follower.live.size() >= expected);
                    }
                    places.put(i, follower.leave());
                    before.addAll(follower.live);
                    assertThat(follower.faults).isEmpty();
                    // A prefix of the log: nothing missing, nothing twice, whatever restarts lay between.
                    assertThat(before)
                            .extracting(c -> c.cursor().position())
                            .isEqualTo(log.stream()
                                    .filter(c -> follower.filter.matches(c.path()))
                                    .map(c -> c.cursor().position())
                                    .limit(before.size())
                                    .toList());
                    if (last) {
                        assertThat(before).hasSize((int) log.stream()
                                .filter(c -> follower.filter.matches(c.path()))
                                .count());
                    }
                }
                passing.forEach(Follower::close);
                host.close();
                start();
                checkTree(model);
            }
        } catch (AssertionError | Exception e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        } finally {
            durable.forEach(Follower::close);
            host.close();
        }
    }

    private Follower follower(String filter, Start start, Overflow overflow, String query) {
        SubscribeRequest request = new SubscribeRequest(List.of(TopicFilter.of(filter)), start, overflow, query);
        Follower follower = new Follower(request, random.nextLong());
        return follower.follow(view("follower", follower.executor));
    }

    /** A subscriber that is shown the present state first, and marks in the log when that was complete. */
    private Follower passing(String filter, Overflow overflow, String query) {
        SubscribeRequest request =
                new SubscribeRequest(List.of(TopicFilter.of(filter)), Start.CURRENT, overflow, query);
        Follower follower = new Follower(request, random.nextLong());
        Resources view = view("follower", follower.executor);
        return follower.marking(() -> view.publish(Path.of("marks/present"), json("{}"), WriteOptions.DEFAULT))
                .follow(view);
    }

    /** Lets clients write while subscribers come; returns the subscribers of this round. */
    private List<Follower> work(int writesEach) throws Exception {
        List<Follower> passing = new ArrayList<>();
        List<ExecutorService> loops = new ArrayList<>();
        List<Resources> clients = new ArrayList<>();
        asked.clear();
        writes.clear();
        for (int c = 0; c < CLIENTS; c++) {
            loops.add(Executors.newSingleThreadExecutor());
            clients.add(view("client" + c, loops.get(c)));
            asked.add(new ArrayList<>());
        }
        Resources memory = view("memory", loops.getFirst());
        for (int i = 0; i < writesEach; i++) {
            for (int c = 0; c < CLIENTS; c++) {
                ask(c, clients.get(c));
            }
            if (random.nextInt(10) == 0) {
                memory.publish(path(), json("{\"a\":0}"), WriteOptions.DEFAULT.withDurability(Durability.MEMORY));
            }
            if (random.nextInt(20) == 0) {
                clock.now = clock.now.plusSeconds(random.nextInt(40));
            }
            if (random.nextInt(40) == 0) {
                String filter = FILTERS.get(random.nextInt(FILTERS.size()));
                passing.add(
                        switch (random.nextInt(3)) {
                            case 0 -> passing(filter, Overflow.EVERY, "");
                            case 1 -> passing(filter, Overflow.LATEST, "");
                            default -> passing(filter, Overflow.EVERY, "a=gt=50");
                        });
            }
            if (random.nextInt(25) == 0) {
                settle(asked.get(random.nextInt(CLIENTS)));
            }
        }
        for (List<CompletionStage<List<Commit>>> all : asked) {
            settle(all);
        }
        loops.forEach(ExecutorService::shutdown);
        return passing;
    }

    private static void settle(List<CompletionStage<List<Commit>>> stages) throws Exception {
        for (CompletionStage<List<Commit>> stage : stages) {
            try {
                TestHost.await(stage);
            } catch (ExecutionException e) {
                assertThat(ResourceException.from(e).code()).isEqualTo(ErrorCode.PRECONDITION_FAILED);
            }
        }
    }

    private void ask(int client, Resources view) {
        List<Write> all = new ArrayList<>();
        int many = random.nextInt(6) == 0 ? 2 + random.nextInt(3) : 1;
        for (int i = 0; i < many; i++) {
            all.add(write());
        }
        CompletionStage<List<Commit>> stage =
                many == 1 ? view.write(all.getFirst()).thenApply(List::of) : view.transact(all);
        asked.get(client).add(stage);
        writes.put(stage, all);
    }

    private Path path() {
        return Path.of("t" + random.nextInt(2) + "/" + random.nextInt(PATHS / 2));
    }

    private Write write() {
        Path path = path();
        WriteOptions options = WriteOptions.DEFAULT
                .withDurability(random.nextInt(3) == 0 ? Durability.OS : Durability.FSYNC)
                .withPrecondition(
                        switch (random.nextInt(8)) {
                            case 0 -> Precondition.ABSENT;
                            case 1 -> Precondition.PRESENT;
                            default -> Precondition.NONE;
                        });
        WriteOptions mortal =
                random.nextInt(5) == 0 ? options.withExpiresAt(clock.now.plusSeconds(1 + random.nextInt(60))) : options;
        int value = random.nextInt(100);
        return switch (random.nextInt(10)) {
            case 0, 1, 2, 3 ->
                new Write.Put(path, json("{\"a\":" + value + ",\"b\":" + random.nextInt(9) + "}"), mortal);
            case 4, 5, 6 ->
                new Write.Patch(path, json("{\"" + (value % 2 == 0 ? "a" : "b") + "\":" + value + "}"), mortal);
            case 7 -> new Write.Delete(path, options);
            default -> new Write.Publish(path, json("{\"a\":" + value + "}"), options);
        };
    }

    private Content json(String text) {
        return context.contents().of(MediaType.JSON, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /** The whole log, once nothing is left that must expire. */
    private List<Change> settledLog(Cursor beginning) {
        List<Change> log = new ArrayList<>();
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            try (Follower reader = follower("#", new Start.After(beginning), Overflow.EVERY, "")) {
                reader.drain();
                awaitOn(reader, () -> reader.caughtUp);
                reader.on(() -> {
                    log.clear();
                    log.addAll(reader.live);
                });
                reader.leave();
            }
            return !ModelTree.of(log).hasOverdue(clock.now);
        });
        return log;
    }

    private static void awaitOn(Follower follower, java.util.function.BooleanSupplier condition) {
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            boolean[] holds = new boolean[1];
            follower.on(() -> holds[0] = condition.getAsBoolean());
            return holds[0];
        });
    }

    /** Every acknowledged write is in the log at the place it was told, in the order its client asked. */
    private void checkAcknowledgements(List<Change> log) throws Exception {
        Map<Long, Change> byPosition = new HashMap<>();
        log.forEach(change -> byPosition.put(change.cursor().position(), change));
        for (List<CompletionStage<List<Commit>>> client : asked) {
            long before = 0;
            for (CompletionStage<List<Commit>> stage : client) {
                if (stage.toCompletableFuture().isCompletedExceptionally()) {
                    continue;
                }
                List<Commit> commits = TestHost.await(stage);
                List<Write> written = writes.get(stage);
                long inside = 0;
                for (int i = 0; i < commits.size(); i++) {
                    Commit commit = commits.get(i);
                    if (commit.effect() == Effect.UNCHANGED) {
                        continue;
                    }
                    long position = commit.cursor().position();
                    assertThat(position).as("order of one client's writes").isGreaterThan(before);
                    if (inside > 0) {
                        assertThat(position).as("neighbours in a transaction").isEqualTo(inside + 1);
                    }
                    before = position;
                    inside = position;
                    Change change = byPosition.get(position);
                    assertThat(change).as("acknowledged %s", commit).isNotNull();
                    assertThat(change.version()).isEqualTo(commit.version());
                    assertThat(change.path()).isEqualTo(written.get(i).path());
                    if (written.get(i) instanceof Write.Put put) {
                        assertThat(change.content()).contains(put.content());
                    }
                }
            }
        }
    }

    private void checkTree(ModelTree model) throws Exception {
        Resources reader =
                context.resources(Identity.ANONYMOUS, new ConnectionInfo("test", "", false, ""), Runnable::run);
        for (int t = 0; t < 2; t++) {
            for (int i = 0; i < PATHS / 2; i++) {
                Path path = Path.of("t" + t + "/" + i);
                var found = TestHost.await(reader.get(path));
                ModelTree.State expected = model.records.get(path);
                assertThat(found.isPresent()).as("%s is there", path).isEqualTo(expected != null);
                if (expected != null) {
                    assertThat(found.orElseThrow().version()).isEqualTo(expected.version());
                    assertThat(ModelTree.numbers(found.orElseThrow().content()).sameContent(expected))
                            .as("content of %s", path)
                            .isTrue();
                }
            }
        }
    }

    private void checkPassing(List<Follower> passing, ModelTree model) {
        for (Follower follower : passing) {
            Map<Path, ModelTree.State> expected = new java.util.TreeMap<>();
            boolean query = !follower.request.query().isEmpty();
            model.records.forEach((path, state) -> {
                if (follower.filter.matches(path) && (!query || (state.a() != null && state.a() > 50))) {
                    expected.put(path, state);
                }
            });
            awaitOn(follower, () -> follower.caughtUp && versions(follower).equals(versionsOf(expected)));
            follower.on(() -> assertThat(follower.faults).isEmpty());
            if (!query && follower.request.overflow() == Overflow.EVERY) {
                follower.assertJoinsUp(model);
            }
        }
    }

    private static Map<Path, Object> versions(Follower follower) {
        Map<Path, Object> all = new HashMap<>();
        follower.result.forEach((path, change) -> all.put(path, change.version()));
        return all;
    }

    private static Map<Path, Object> versionsOf(Map<Path, ModelTree.State> records) {
        Map<Path, Object> all = new HashMap<>();
        records.forEach((path, state) -> all.put(path, state.version()));
        return all;
    }
}
