package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.host.TestHost;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.plugin.PluginStore;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Effect;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.Query;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** The contract of {@link Resources}, against a host with everything in it. */
class ResourcesContractTest {
    private static final WriteOptions DEFAULT = WriteOptions.DEFAULT;
    private static final WriteOptions MEMORY = DEFAULT.withDurability(Durability.MEMORY);

    @TempDir
    private static java.nio.file.Path directory;

    private static TestHost host;
    private static Resources client;

    /** A table of this test's own. */
    private String table;

    @BeforeAll
    static void start() throws Exception {
        host = TestHost.start(directory);
        client = host.client();
    }

    @AfterAll
    static void stop() {
        host.close();
    }

    @BeforeEach
    void nameTheTable(TestInfo test) {
        table = test.getTestMethod().orElseThrow().getName() + "-"
                + Integer.toHexString(test.getDisplayName().hashCode());
    }

    private Path path(String id) {
        return Path.of(table, id);
    }

    private static Content json(String text) {
        return host.json(text);
    }

    private static String text(Content content) {
        return new String(content.toByteArray(), StandardCharsets.UTF_8);
    }

    private static Commit done(CompletionStage<Commit> stage) throws ExecutionException {
        return TestHost.await(stage);
    }

    private static void assertRefused(ErrorCode code, ThrowingCallable act) {
        assertThatExceptionOfType(Exception.class)
                .isThrownBy(act)
                .satisfies(e -> assertThat(ResourceException.from(e).code()).isEqualTo(code));
    }

    private static void assertRefused(ErrorCode code, CompletionStage<?> stage) {
        assertRefused(code, () -> TestHost.await(stage));
    }

    // get

    @Test
    void anAbsentRecordIsEmptyAndTheStageIsCompleteOnReturn() {
        CompletableFuture<Optional<Entry>> stage = client.get(path("none")).toCompletableFuture();

        assertThat(stage).isCompletedWithValue(Optional.empty());
    }

    @Test
    void aRecordIsReadAsItWasWritten() throws Exception {
        Commit commit = done(client.put(path("1"), json("{\"a\" : 1}"), DEFAULT));

        Entry entry = TestHost.await(client.get(path("1"))).orElseThrow();

        assertThat(text(entry.content())).isEqualTo("{\"a\" : 1}");
        assertThat(entry.content().mediaType()).isEqualTo(MediaType.JSON);
        assertThat(entry.version()).isEqualTo(commit.version());
        assertThat(entry.path()).isEqualTo(path("1"));
    }

    // write

    @Test
    void aValueOfThePluginIsSetTogetherWithAWrite() throws Exception {
        var update = new PluginStore.Update(table + "/a", new byte[] {7});

        done(client.write(new Write.Put(path("1"), json("1"), DEFAULT), update));

        assertThat(host.context().store().get(table + "/a")).contains(new byte[] {7});
        assertThat(TestHost.await(client.get(path("1")))).isPresent();
    }

    @Test
    void aRefusedWriteSetsNoValueOfThePlugin() {
        var update = new PluginStore.Update(table + "/a", new byte[] {7});
        var absent = new Write.Put(path("1"), json("1"), DEFAULT.withPrecondition(Precondition.PRESENT));

        assertRefused(ErrorCode.PRECONDITION_FAILED, client.write(absent, update));

        assertThat(host.context().store().get(table + "/a")).isEmpty();
    }

    @Test
    void valuesOfThePluginAreSetTogetherWithATransaction() throws Exception {
        var first = new PluginStore.Update(table + "/a", new byte[] {7});
        var second = new PluginStore.Update(table + "/b", new byte[] {8});
        List<Write> writes =
                List.of(new Write.Put(path("1"), json("1"), DEFAULT), new Write.Publish(path("2"), json("2"), DEFAULT));

        assertThat(TestHost.await(client.transact(writes, List.of(first, second))))
                .hasSize(2);

        assertThat(host.context().store().get(table + "/a")).contains(new byte[] {7});
        assertThat(host.context().store().get(table + "/b")).contains(new byte[] {8});
        assertThat(TestHost.await(client.get(path("1")))).isPresent();
    }

    @Test
    void aTransactionMayConsistOfThePluginsValues() throws Exception {
        var only = new PluginStore.Update(table + "/a", new byte[] {7});

        assertThat(TestHost.await(client.transact(List.of(), List.of(only)))).isEmpty();

        assertThat(host.context().store().get(table + "/a")).contains(new byte[] {7});
        assertRefused(ErrorCode.INVALID, client.transact(List.of(), List.of()));
    }

    @Test
    void aRefusedTransactionSetsNoValueOfThePlugin() {
        var update = new PluginStore.Update(table + "/a", new byte[] {7});
        var absent = new Write.Put(path("1"), json("1"), DEFAULT.withPrecondition(Precondition.PRESENT));

        assertRefused(ErrorCode.PRECONDITION_FAILED, client.transact(List.of(absent), List.of(update)));

        assertThat(host.context().store().get(table + "/a")).isEmpty();
    }

    @Test
    void aPutCreatesThenReplaces() throws Exception {
        assertThat(done(client.put(path("1"), json("1"), DEFAULT)).effect()).isEqualTo(Effect.CREATED);
        assertThat(done(client.put(path("1"), json("2"), DEFAULT)).effect()).isEqualTo(Effect.REPLACED);
    }

    @Test
    void aDeleteRemovesOnce() throws Exception {
        done(client.put(path("1"), json("1"), DEFAULT));

        assertThat(done(client.delete(path("1"), DEFAULT)).effect()).isEqualTo(Effect.DELETED);
        assertThat(TestHost.await(client.get(path("1")))).isEmpty();
        assertThat(done(client.delete(path("1"), DEFAULT)).effect()).isEqualTo(Effect.UNCHANGED);
    }

    @Test
    void aPatchMergesAndCreatesFromNothing() throws Exception {
        done(client.patch(path("1"), json("{\"a\":1}"), DEFAULT));
        done(client.patch(path("1"), json("{\"b\":2}"), DEFAULT));

        assertThat(text(TestHost.await(client.get(path("1"))).orElseThrow().content()))
                .isEqualTo("{\"a\":1,\"b\":2}");
    }

    @Test
    void anOpaqueRecordCannotBePatched() throws Exception {
        Content opaque = host.context().contents().of(MediaType.OCTET_STREAM, new byte[] {1});
        done(client.put(path("1"), opaque, DEFAULT));

        assertRefused(ErrorCode.CONFLICT, client.patch(path("1"), json("{}"), DEFAULT));
    }

    @Test
    void aPreconditionThatDoesNotHoldChangesNothing() throws Exception {
        done(client.put(path("1"), json("1"), DEFAULT));

        assertRefused(
                ErrorCode.PRECONDITION_FAILED,
                client.put(path("1"), json("2"), DEFAULT.withPrecondition(Precondition.ABSENT)));
        assertRefused(
                ErrorCode.PRECONDITION_FAILED,
                client.publish(path("none"), json("2"), MEMORY.withPrecondition(Precondition.PRESENT)));
        assertThat(text(TestHost.await(client.get(path("1"))).orElseThrow().content()))
                .isEqualTo("1");
    }

    @Test
    void anOptimisticUpdateGoesByTheVersion() throws Exception {
        Version seen = done(client.put(path("1"), json("1"), DEFAULT)).version();

        done(client.put(path("1"), json("2"), DEFAULT.withPrecondition(Precondition.at(seen))));

        assertRefused(
                ErrorCode.PRECONDITION_FAILED,
                client.put(path("1"), json("3"), DEFAULT.withPrecondition(Precondition.at(seen))));
    }

    @Test
    void stagesCompleteOnTheViewsExecutor() throws Exception {
        CompletableFuture<String> succeeded = new CompletableFuture<>();
        CompletableFuture<String> refused = new CompletableFuture<>();
        host.executor().submit(() -> {
            client.put(path("1"), json("1"), DEFAULT)
                    .thenAccept(
                            commit -> succeeded.complete(Thread.currentThread().getName()));
            client.put(path("2"), json("1"), DEFAULT.withPrecondition(Precondition.PRESENT))
                    .exceptionally(e -> {
                        refused.complete(Thread.currentThread().getName());
                        return null;
                    });
        });

        assertThat(TestHost.await(succeeded)).isEqualTo(TestHost.CLIENT_THREAD);
        assertThat(TestHost.await(refused)).isEqualTo(TestHost.CLIENT_THREAD);
    }

    @Test
    void writesOfOneThreadKeepTheirOrder() throws Exception {
        List<CompletionStage<Commit>> stages = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            stages.add(client.put(path("" + i % 7), json("" + i), DEFAULT));
        }
        List<Cursor> cursors = new ArrayList<>();
        for (CompletionStage<Commit> stage : stages) {
            cursors.add(done(stage).cursor());
        }

        assertThat(cursors).extracting(Cursor::position).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aWriteThatAltersARecordIsJournaledEvenInMemoryDurability() throws Exception {
        Commit first = done(client.put(path("1"), json("1"), MEMORY));
        Commit second = done(client.put(path("1"), json("2"), DEFAULT));

        assertThat(second.cursor().position()).isEqualTo(first.cursor().position() + 1);
    }

    // transact

    @Test
    void aTransactionIsAdjacentAndSeesItsOwnWrites() throws Exception {
        List<Commit> commits = TestHost.await(client.transact(List.of(
                new Write.Put(path("1"), json("{\"a\":1}"), DEFAULT),
                new Write.Patch(path("1"), json("{\"b\":2}"), DEFAULT.withPrecondition(Precondition.PRESENT)),
                new Write.Publish(path("2"), json("3"), MEMORY))));

        assertThat(commits)
                .extracting(Commit::effect)
                .containsExactly(Effect.CREATED, Effect.REPLACED, Effect.PUBLISHED);
        long first = commits.getFirst().cursor().position();
        assertThat(commits).extracting(c -> c.cursor().position()).containsExactly(first, first + 1, first + 2);
    }

    @Test
    void aTransactionFailsAsAWhole() throws Exception {
        assertRefused(
                ErrorCode.PRECONDITION_FAILED,
                client.transact(List.of(
                        new Write.Put(path("1"), json("1"), DEFAULT),
                        new Write.Put(path("2"), json("1"), DEFAULT.withPrecondition(Precondition.PRESENT)))));
        assertThat(TestHost.await(client.get(path("1")))).isEmpty();
    }

    @Test
    void anEmptyTransactionIsInvalid() {
        assertRefused(ErrorCode.INVALID, client.transact(List.of()));
    }

    // post

    @Test
    void postedRecordsGetAscendingIds() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Commit commit = done(client.post(table, json("" + i), DEFAULT.withPrecondition(Precondition.PRESENT)));
            assertThat(commit.effect()).isEqualTo(Effect.CREATED);
            assertThat(commit.path().table()).isEqualTo(table);
            ids.add(commit.path().id());
        }

        assertThat(ids).isSorted().doesNotHaveDuplicates();
        assertThat(TestHost.await(client.get(path(ids.get(7))))).isPresent();
    }

    @Test
    void aPostToAnImpossibleTableIsInvalid() {
        assertRefused(ErrorCode.INVALID, client.post("a/b", json("1"), DEFAULT));
    }

    // publish

    @Test
    void anEventLeavesTheRecordAlone() throws Exception {
        done(client.put(path("1"), json("1"), DEFAULT));

        Commit commit = done(client.publish(path("1"), json("2"), DEFAULT));

        assertThat(commit.effect()).isEqualTo(Effect.PUBLISHED);
        assertThat(text(TestHost.await(client.get(path("1"))).orElseThrow().content()))
                .isEqualTo("1");
    }

    @Test
    void anEventInMemoryIsDoneOnReturnAndCarriesThePlaceOfTheLastChange() throws Exception {
        Cursor last = done(client.put(path("1"), json("1"), DEFAULT)).cursor();
        Deliveries deliveries = new Deliveries();
        try (Subscription s =
                client.subscribe(SubscribeRequest.every(TopicFilter.table(table), Start.NOW), deliveries)) {
            s.request(10);

            CompletableFuture<Commit> stage =
                    client.publish(path("1"), json("2"), MEMORY).toCompletableFuture();

            assertThat(stage).isCompleted();
            await().until(() -> deliveries.changes.size() == 1);
            Change event = deliveries.changes.getFirst();
            assertThat(event.kind()).isEqualTo(ChangeKind.EVENT);
            assertThat(event.cursor()).isEqualTo(last);
            assertThat(event.version()).isEqualTo(stage.join().version());
            assertThat(event.source()).isEqualTo("client-1");
        }
    }

    // query

    private void putRows(int count) throws ExecutionException {
        List<Write> writes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            writes.add(new Write.Put(path("%04d".formatted(i)), json("" + i), DEFAULT));
        }
        TestHost.await(client.transact(writes));
    }

    private Rows query(Query query, long first) {
        Rows rows = new Rows(first);
        client.query(query, rows);
        return rows;
    }

    @Test
    void aQueryGivesAllRecordsInTheOrderOfTheirIds() throws Exception {
        putRows(700);

        Rows rows = query(Query.all(table), Long.MAX_VALUE);

        await().until(rows::isOver);
        assertThat(rows.complete).isTrue();
        assertThat(rows.paths).hasSize(700).isSorted();
        assertThat(rows.threads).containsOnly(TestHost.CLIENT_THREAD);
    }

    @Test
    void aQueryGoesOnBehindAnId() throws Exception {
        putRows(10);

        Rows rows = query(new Query(table, "", "0006", 2), Long.MAX_VALUE);

        await().until(rows::isOver);
        assertThat(rows.paths)
                .containsExactly(path("0007").toString(), path("0008").toString());
    }

    @Test
    void aQueryGivesNoMoreThanRequested() throws Exception {
        putRows(10);

        Rows rows = query(Query.all(table), 4);

        await().until(() -> rows.paths.size() == 4);
        rows.subscription.request(1);
        await().until(() -> rows.paths.size() == 5);
        assertThat(rows.isOver()).isFalse();
        rows.subscription.cancel();
    }

    @Test
    void aQueryOfATableThatIsNotThereIsEmpty() {
        Rows rows = query(Query.all(table), 1);

        await().until(rows::isOver);
        assertThat(rows.complete).isTrue();
        assertThat(rows.paths).isEmpty();
    }

    @Test
    void aConditionSelectsRecords() throws Exception {
        done(client.put(path("1"), json("{\"a\":1}"), DEFAULT));
        done(client.put(path("2"), json("{\"a\":2}"), DEFAULT));

        Rows rows = query(new Query(table, "a=gt=1", "", 10), 10);

        await().until(rows::isOver);
        assertThat(rows.paths).containsExactly(path("2").toString());
        assertThat(rows.threads).containsOnly(TestHost.CLIENT_THREAD);
    }

    @Test
    void aMalformedQueryIsRefusedWithItsPosition() {
        Rows rows = query(new Query(table, "a=xx=1", "", 10), 1);

        await().until(rows::isOver);
        ResourceException refusal = ResourceException.from(rows.failure);
        assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID);
        assertThat(refusal).hasMessageContaining("position 1");
        assertThat(rows.threads).containsExactly(TestHost.CLIENT_THREAD);
    }

    // subscribe

    @Test
    void nothingIsDeliveredBeforeItIsRequested() throws Exception {
        Deliveries deliveries = new Deliveries();
        try (Subscription s =
                client.subscribe(SubscribeRequest.every(TopicFilter.table(table), Start.NOW), deliveries)) {
            done(client.put(path("1"), json("1"), DEFAULT));
            done(client.put(path("2"), json("1"), DEFAULT));
            assertThat(deliveries.changes).isEmpty();

            s.request(1);
            await().until(() -> deliveries.changes.size() == 1);
            s.request(1);
            await().until(() -> deliveries.changes.size() == 2);

            assertThat(deliveries.changes).extracting(Change::path).containsExactly(path("1"), path("2"));
            assertThat(deliveries.threads).containsOnly(TestHost.CLIENT_THREAD);
        }
    }

    @Test
    void thePresentStateComesFirst() throws Exception {
        done(client.put(path("1"), json("1"), DEFAULT));
        Deliveries deliveries = new Deliveries();
        try (Subscription s =
                client.subscribe(SubscribeRequest.every(TopicFilter.table(table), Start.CURRENT), deliveries)) {
            s.request(100);
            await().until(() -> deliveries.news.size() == 2);
            done(client.put(path("1"), json("2"), DEFAULT));
            done(client.delete(path("1"), DEFAULT));

            await().until(() -> deliveries.news.size() == 4);
            assertThat(deliveries.news)
                    .containsExactly(
                            "CURRENT PUT " + path("1"),
                            "caught up",
                            "LIVE PUT " + path("1"),
                            "LIVE DELETE " + path("1"));
        }
    }

    @Test
    void aSubscriptionResumesBehindACursor() throws Exception {
        Cursor seen = done(client.put(path("1"), json("1"), DEFAULT)).cursor();
        done(client.put(path("2"), json("1"), DEFAULT));
        Deliveries deliveries = new Deliveries();
        try (Subscription s =
                client.subscribe(SubscribeRequest.every(TopicFilter.table(table), new Start.After(seen)), deliveries)) {
            s.request(100);

            await().until(() -> !deliveries.changes.isEmpty());
            assertThat(deliveries.changes).extracting(Change::path).containsExactly(path("2"));
        }
    }

    @Test
    void aCursorOfAnotherNodeIsInvalid() {
        SubscribeRequest request = SubscribeRequest.every(TopicFilter.table(table), new Start.After(new Cursor(42, 1)));

        assertRefused(ErrorCode.INVALID, () -> client.subscribe(request, new Deliveries()));
    }

    @Test
    void aClosedSubscriptionDeliversNothingMore() throws Exception {
        Deliveries deliveries = new Deliveries();
        Subscription s = client.subscribe(SubscribeRequest.every(TopicFilter.table(table), Start.NOW), deliveries);
        s.request(10);
        host.executor().submit(s::close).get();
        assertThat(client.subscriberCount(path("1"))).isZero();

        done(client.put(path("1"), json("1"), DEFAULT));

        assertThat(deliveries.changes).isEmpty();
    }

    @Test
    void subscribersAreCounted() {
        assertThat(client.subscriberCount(path("1"))).isZero();
        try (Subscription one = client.subscribe(
                        SubscribeRequest.every(TopicFilter.table(table), Start.NOW), new Deliveries());
                Subscription two = client.subscribe(
                        SubscribeRequest.every(TopicFilter.exactly(path("1")), Start.NOW), new Deliveries())) {
            assertThat(one).isNotSameAs(two);
            assertThat(client.subscriberCount(path("1"))).isEqualTo(2);
            assertThat(client.subscriberCount(path("2"))).isEqualTo(1);
        }
    }

    // limits and the system's own

    @Test
    void aPathBeyondTheLimitIsTooLarge() {
        Path path = path("x".repeat(5_000));

        assertRefused(ErrorCode.TOO_LARGE, client.get(path));
        assertRefused(ErrorCode.TOO_LARGE, client.put(path, json("1"), DEFAULT));
        assertRefused(
                ErrorCode.TOO_LARGE,
                () -> client.subscribe(SubscribeRequest.every(TopicFilter.exactly(path), Start.NOW), new Deliveries()));
    }

    @Test
    void thePathsLengthIsCountedInBytes() throws Exception {
        done(client.put(path("x".repeat(3_900)), json("1"), DEFAULT));
        assertRefused(ErrorCode.TOO_LARGE, client.put(path("ä".repeat(2_048)), json("1"), DEFAULT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"$sys/health", "$sys/anything", "$other"})
    void theSystemsResourcesAreReadOnly(String text) {
        Path path = Path.of(text);

        assertRefused(ErrorCode.FORBIDDEN, client.put(path, json("1"), DEFAULT));
        assertRefused(ErrorCode.FORBIDDEN, client.delete(path, DEFAULT));
        assertRefused(ErrorCode.FORBIDDEN, client.publish(path, json("1"), MEMORY));
        for (ChangeKind kind : List.of(ChangeKind.PUT, ChangeKind.DELETE, ChangeKind.EVENT)) {
            assertThat(client.refusal(path, kind).orElseThrow().code()).isEqualTo(ErrorCode.FORBIDDEN);
        }
    }

    @Test
    void aWriteThatMayBeIsNotRefusedBeforehand() {
        assertThat(client.refusal(path("1"), ChangeKind.PUT)).isEmpty();
        assertThat(client.refusal(path("1"), ChangeKind.EVENT)).isEmpty();
    }

    @Test
    void theHostsHealthIsARecord() throws Exception {
        Entry health = TestHost.await(client.get(Path.of("$sys/health"))).orElseThrow();

        assertThat(health.content().mediaType()).isEqualTo(MediaType.JSON);
        assertThat(text(health.content())).contains("\"status\":\"up\"");
    }

    @Test
    void theSystemsResourcesCanBeListed() {
        Rows rows = query(Query.all("$sys"), Long.MAX_VALUE);

        await().until(rows::isOver);
        assertThat(rows.paths)
                .contains("$sys/health", "$sys/journal", "$sys/store", "$sys/subscriptions", "$sys/version");
    }

    @Test
    void nobodyReachesWhatPluginsKeep() throws Exception {
        TestHost.await(host.context().store().put("secret", new byte[] {1}));
        Path secret = Path.of("$internal/test/store/secret");

        assertRefused(ErrorCode.FORBIDDEN, client.get(secret));
        assertRefused(ErrorCode.FORBIDDEN, client.put(secret, json("1"), DEFAULT));
        assertRefused(
                ErrorCode.FORBIDDEN,
                () -> client.subscribe(
                        SubscribeRequest.every(TopicFilter.of("$internal/#"), Start.NOW), new Deliveries()));
        Rows rows = query(Query.all("$internal"), 1);
        await().until(rows::isOver);
        assertThat(ResourceException.from(rows.failure).code()).isEqualTo(ErrorCode.FORBIDDEN);
    }

    // back-pressure and the end

    @Test
    void anIdleHostIsReady() {
        assertThat(client.isSaturated()).isFalse();
        assertThat(client.whenReady().toCompletableFuture()).isCompleted();
    }

    @Test
    void closingTheViewEndsItsSubscriptionsAndRefusesFurtherWork() throws Exception {
        Resources other = host.client();
        Deliveries deliveries = new Deliveries();
        other.subscribe(SubscribeRequest.every(TopicFilter.table(table), Start.NOW), deliveries)
                .request(10);
        CompletionStage<Commit> submitted = other.put(path("1"), json("1"), DEFAULT);

        other.close();
        other.close();

        assertThat(done(submitted).effect()).isEqualTo(Effect.CREATED);
        assertThat(client.subscriberCount(path("1"))).isZero();
        assertRefused(ErrorCode.UNAVAILABLE, other.get(path("1")));
        assertRefused(ErrorCode.UNAVAILABLE, other.put(path("1"), json("1"), DEFAULT));
        assertRefused(
                ErrorCode.UNAVAILABLE,
                () -> other.subscribe(SubscribeRequest.every(TopicFilter.ALL, Start.NOW), new Deliveries()));
    }
}
