package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.host.TestHost;
import org.millrace.spi.content.Content;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.plugin.Registration;
import org.millrace.spi.resource.Accepted;
import org.millrace.spi.resource.Caller;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.CustomResource;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Effect;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** Application logic at a path, through a host with everything in it. */
class CustomResourceTest {
    private static final WriteOptions DEFAULT = WriteOptions.DEFAULT;
    private static final Path READING = Path.of("readings/1");

    @TempDir
    private java.nio.file.Path directory;

    private TestHost host;
    private PluginContext rules;
    private Resources client;

    @BeforeEach
    void start() throws Exception {
        host = TestHost.start(directory, "plugins.resource-timeout=300ms");
        rules = host.contextOf("rules");
        client = host.client(new Identity("ada", java.util.Set.of()));
    }

    @AfterEach
    void stop() {
        host.close();
    }

    /** Logic that decides writes under {@code readings/}. */
    private Registration offer(BiFunction<Write, Caller, CompletionStage<Accepted>> logic) {
        return offer(100, logic);
    }

    private Registration offer(int priority, BiFunction<Write, Caller, CompletionStage<Accepted>> logic) {
        return rules.extensions().offer(CustomResource.POINT, new CustomResource() {
            @Override
            public List<TopicFilter> filters() {
                return List.of(TopicFilter.table("readings"));
            }

            @Override
            public int priority() {
                return priority;
            }

            @Override
            public CompletionStage<Accepted> accept(Write write, Caller caller) {
                return logic.apply(write, caller);
            }
        });
    }

    private static CompletionStage<Accepted> now(Accepted accepted) {
        return CompletableFuture.completedStage(accepted);
    }

    private static <T> void assertRefused(ErrorCode code, String message, CompletionStage<T> stage) {
        assertThatExceptionOfType(Exception.class)
                .isThrownBy(() -> TestHost.await(stage))
                .satisfies(e -> {
                    assertThat(ResourceException.from(e).code()).isEqualTo(code);
                    assertThat(ResourceException.from(e)).hasMessageContaining(message);
                });
    }

    private Content json(String text) {
        return host.json(text);
    }

    private String stored(Path path) throws Exception {
        return TestHost.await(client.get(path))
                .map(e -> new String(e.content().toByteArray(), StandardCharsets.UTF_8))
                .orElse("nothing");
    }

    private Commit put(Path path, String text) throws Exception {
        return TestHost.await(client.put(path, json(text), DEFAULT));
    }

    @Test
    void aRefusalIsTheClientsAnswerAndNothingIsWritten() throws Exception {
        offer((write, caller) -> {
            throw new ResourceException(ErrorCode.INVALID, caller.identity().name() + " sent no number");
        });

        assertRefused(ErrorCode.INVALID, "ada sent no number", client.put(READING, json("1"), DEFAULT));
        assertThat(stored(READING)).isEqualTo("nothing");
    }

    @Test
    void furtherWritesAreOneTransactionWithTheClients() throws Exception {
        offer((write, _) -> now(Accepted.of(write)
                .and(
                        new Write.Put(Path.of("averages/1"), json("2"), DEFAULT),
                        new Write.Publish(Path.of("alerts/1"), json("3"), DEFAULT))));
        Deliveries all = new Deliveries();
        client.subscribe(SubscribeRequest.every(TopicFilter.ALL, Start.NOW), all)
                .request(10);

        Commit commit = put(READING, "1");

        assertThat(commit.path()).isEqualTo(READING);
        assertThat(stored(Path.of("averages/1"))).isEqualTo("2");
        await().until(() -> all.news.size() == 3);
        assertThat(all.news).containsExactly("LIVE PUT readings/1", "LIVE PUT averages/1", "LIVE EVENT alerts/1");
    }

    @Test
    void aRefusedFurtherWriteTakesTheClientsWithIt() throws Exception {
        offer((write, _) -> now(Accepted.of(write)
                .and(new Write.Delete(Path.of("averages/none"), DEFAULT.withPrecondition(Precondition.PRESENT)))));

        assertRefused(ErrorCode.CONFLICT, "others keep changing", client.put(READING, json("1"), DEFAULT));
        assertThat(stored(READING)).isEqualTo("nothing");
    }

    @Test
    void contentIsEnrichedAndPostsAndEventsAreDecidedToo() throws Exception {
        List<String> asked = new ArrayList<>();
        offer((write, _) -> {
            asked.add(write.getClass().getSimpleName());
            return now(Accepted.of(
                    write instanceof Write.Put put ? new Write.Put(put.path(), json("7"), put.options()) : write));
        });

        Commit posted = TestHost.await(client.post("readings", json("1"), DEFAULT));
        TestHost.await(client.publish(READING, json("1"), DEFAULT.withDurability(Durability.MEMORY)));
        TestHost.await(client.patch(posted.path(), json("8"), DEFAULT));
        TestHost.await(client.delete(READING, DEFAULT));

        assertThat(asked).containsExactly("Put", "Publish", "Patch", "Delete");
        assertThat(stored(posted.path())).isEqualTo("8");
    }

    @Test
    void aWriteMayBeTurnedIntoAnEvent() throws Exception {
        offer((write, _) ->
                now(Accepted.of(new Write.Publish(write.path(), ((Write.Put) write).content(), write.options()))));

        assertThat(put(READING, "1").effect()).isEqualTo(Effect.PUBLISHED);
        assertThat(stored(READING)).isEqualTo("nothing");
    }

    @Test
    void resourcesAreAskedInOrderOfPriorityEachGivenWhatTheOneBeforeMade() throws Exception {
        offer(20, (write, _) -> now(Accepted.of(append(write, "b"))));
        offer(10, (write, _) -> now(Accepted.of(append(write, "a"))));

        put(READING, "\"\"");

        assertThat(stored(READING)).isEqualTo("\"ab\"");
    }

    private Write append(Write write, String letter) {
        Write.Put put = (Write.Put) write;
        String before = new String(put.content().toByteArray(), StandardCharsets.UTF_8);
        return new Write.Put(put.path(), json(before.substring(0, before.length() - 1) + letter + "\""), put.options());
    }

    @Test
    void aSlowDecisionHoldsBackItsClientsWritesInOrderButNoOtherClients() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        offer((write, _) -> CompletableFuture.supplyAsync(
                () -> {
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return Accepted.of(write);
                },
                rules.executor()));
        CompletionStage<Commit> slow = client.put(READING, json("1"), DEFAULT);
        CompletionStage<Commit> behind = client.put(Path.of("other/1"), json("2"), DEFAULT);

        Commit foreign = TestHost.await(host.client().put(Path.of("other/2"), json("3"), DEFAULT));
        assertThat(slow.toCompletableFuture()).isNotDone();
        assertThat(behind.toCompletableFuture()).isNotDone();
        go.countDown();

        long first = TestHost.await(slow).cursor().position();
        assertThat(first).isGreaterThan(foreign.cursor().position());
        assertThat(TestHost.await(behind).cursor().position()).isGreaterThan(first);
    }

    @Test
    void aDecisionThatNeverComesTimesOutAndTheClientGoesOn() throws Exception {
        Registration offered = offer((_, _) -> new CompletableFuture<>());

        assertRefused(ErrorCode.UNAVAILABLE, "did not answer in time", client.put(READING, json("1"), DEFAULT));
        offered.close();
        assertThat(put(READING, "1").effect()).isEqualTo(Effect.CREATED);
    }

    @Test
    void aClientOfASlowResourceIsAskedToPause() throws Exception {
        CompletableFuture<Void> go = new CompletableFuture<>();
        offer((write, _) -> go.thenApply(_ -> Accepted.of(write)));
        for (int i = 0; i < 100; i++) {
            client.put(READING, json("1"), DEFAULT);
        }

        assertThat(client.isSaturated()).isTrue();
        CompletionStage<Void> ready = client.whenReady();
        assertThat(ready.toCompletableFuture()).isNotDone();
        go.complete(null);
        TestHost.await(ready);
        assertThat(client.isSaturated()).isFalse();
    }

    @Test
    void aDefectOfThePluginIsAnInternalErrorOfThatWriteAlone() throws Exception {
        offer((_, _) -> {
            throw new IllegalStateException("oops");
        });

        assertRefused(ErrorCode.INTERNAL, "plugin rules", client.put(READING, json("1"), DEFAULT));
        assertThat(put(Path.of("other/1"), "1").effect()).isEqualTo(Effect.CREATED);
    }

    @Test
    void whatDependsOnARecordIsDecidedAgainWhenOthersChangedIt() throws Exception {
        Path total = Path.of("totals/all");
        AtomicInteger decisions = new AtomicInteger();
        Resources own = rules.resources(
                new Identity("rules", java.util.Set.of("admin")),
                new ConnectionInfo("rules", "", false, "rules"),
                host.executor());
        offer((write, _) -> own.get(total).thenApply(found -> {
            decisions.incrementAndGet();
            int sum = found.map(e -> Integer.parseInt(new String(e.content().toByteArray(), StandardCharsets.UTF_8)))
                    .orElse(0);
            Precondition unchanged =
                    found.map(e -> Precondition.at(e.version())).orElse(Precondition.ABSENT);
            return Accepted.of(write)
                    .and(new Write.Put(total, json("" + (sum + 1)), DEFAULT.withPrecondition(unchanged)));
        }));
        List<CompletionStage<Commit>> puts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            puts.add(host.client().put(Path.of("readings/" + i), json("1"), DEFAULT));
        }
        for (CompletionStage<Commit> put : puts) {
            TestHost.await(put);
        }

        assertThat(stored(total)).isEqualTo("4");
        assertThat(decisions.get()).isGreaterThanOrEqualTo(4);
    }

    @Test
    void thePluginsOwnWritesAndFurtherWritesAreNotDecidedAgain() throws Exception {
        offer((write, _) -> now(Accepted.of(write).and(new Write.Put(Path.of("readings/copy"), json("1"), DEFAULT))));
        Resources own =
                rules.resources(Identity.ANONYMOUS, new ConnectionInfo("rules", "", false, "rules"), host.executor());

        put(READING, "1");
        TestHost.await(own.put(Path.of("readings/2"), json("1"), DEFAULT));

        assertThat(stored(Path.of("readings/copy"))).isEqualTo("1");
    }

    @Test
    void aReadIsComputed() throws Exception {
        rules.extensions().offer(CustomResource.POINT, new CustomResource() {
            @Override
            public List<TopicFilter> filters() {
                return List.of(TopicFilter.of("time/now"));
            }

            @Override
            public CompletionStage<Optional<Entry>> read(Path path, Optional<Entry> stored, Caller caller) {
                return CompletableFuture.supplyAsync(
                        () -> Optional.of(Entry.computed(path, json("\"noon\""), Instant.ofEpochMilli(5))),
                        rules.executor());
            }
        });

        assertThat(stored(Path.of("time/now"))).isEqualTo("\"noon\"");
    }

    @Test
    void eachWriteOfATransactionIsDecidedAndItsCommitsAreTheClients() throws Exception {
        offer((write, _) -> now(Accepted.of(write)
                .and(new Write.Put(Path.of("log/" + write.path().id()), json("0"), DEFAULT))));

        List<Commit> commits = TestHost.await(client.transact(List.of(
                new Write.Put(Path.of("readings/1"), json("1"), DEFAULT),
                new Write.Put(Path.of("other/1"), json("2"), DEFAULT),
                new Write.Put(Path.of("readings/2"), json("3"), DEFAULT))));

        assertThat(commits).extracting(c -> c.path().toString()).containsExactly("readings/1", "other/1", "readings/2");
        assertThat(stored(Path.of("log/2"))).isEqualTo("0");
    }

    @Test
    void aResourceMayNotReachTheSystem() {
        offer((write, _) ->
                now(Accepted.of(write).and(new Write.Put(Path.of("$internal/test/x"), json("1"), DEFAULT))));

        assertRefused(ErrorCode.INTERNAL, "the system's", client.put(READING, json("1"), DEFAULT));
    }
}
