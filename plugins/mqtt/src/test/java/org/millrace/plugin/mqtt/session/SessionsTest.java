package org.millrace.plugin.mqtt.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.millrace.plugin.mqtt.delivery.Exchange;
import org.millrace.plugin.mqtt.delivery.Flight;
import org.millrace.plugin.mqtt.delivery.Orphan;
import org.millrace.plugin.mqtt.delivery.SubscriptionOptions;
import org.millrace.plugin.mqtt.mapping.Format;
import org.millrace.plugin.mqtt.session.SessionState.Saved;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Version;

/** What a session that waits for its client keeps in memory, and what happens to it meanwhile. */
class SessionsTest extends SessionsTestBase {
    private WeakReference<Connection> connectAndLeave() {
        Connection connection = new Connection();
        Sessions.Claim claim = sessions.claim("c", connection);
        claim.release(Optional.of(state("c", "", 600, Set.of(), null)));
        return new WeakReference<>(connection);
    }

    @Test
    void aSessionThatWaitsInMemoryKeepsNothingOfItsConnection() throws Exception {
        WeakReference<Connection> connection = connectAndLeave();

        assertThat(sessions.waiting()).isEqualTo(1);
        await().until(() -> {
            System.gc();
            return connection.get() == null;
        });
        assertThat(connect("c")).isPresent();
    }

    @Test
    void aSessionThatIsSavedLeavesTheMemory() throws Exception {
        sessions.start(() -> {});
        for (int i = 0; i < 50; i++) {
            leave("c" + i, DAY, null);
        }

        awaitAsleep(50);
        assertThat(sessions.count()).isEqualTo(50);
        assertThat(sessions.alarms()).as("alarms of what is due tomorrow").isZero();
    }

    @Test
    void aSessionThatLeftTheMemoryIsAsItWas() throws Exception {
        sessions.start(() -> {});
        Sessions.Claim claim = sessions.claim("c", () -> {});
        assertThat(previous(claim)).isEmpty();
        KeptSession kept = claim.keep(USER, via("c"), DAY, null, Optional.empty(), Runnable::run);
        Saved saved = new Saved(
                1,
                new SubscriptionOptions("a/#", 2, true, false, 7, Format.named("JSON"), ""),
                new Flight.Place(context.cursors().head(), false, List.of()),
                List.of(),
                null);
        kept.subscribed(saved);
        store.put(SessionStore.received(kept.generation(), 5), new byte[0]);
        claim.release(Optional.of(new SessionState(
                USER,
                via("c"),
                kept.generation(),
                DAY,
                List.of(saved),
                List.of(),
                Set.of(5),
                new AtomicReference<>())));
        awaitAsleep(1);

        SessionState found = connect("c").orElseThrow();

        assertThat(found.subscriptions()).containsExactly(saved);
        assertThat(found.received()).containsExactly(5);
        assertThat(found.generation()).isEqualTo(kept.generation());
        assertThat(sessions.waiting()).isZero();
        assertThat(sessions.count()).isEqualTo(1);
    }

    @Test
    void aClientThatIsBackBeforeItsSessionIsSavedGetsItFromMemory() throws Exception {
        sessions.start(() -> {});
        store.hold();
        leave("c", DAY, null);
        Sessions.Claim again = sessions.claim("c", () -> {});

        Optional<SessionState> found = previous(again);
        store.letGo();
        leave(again, found, "c", DAY, null);

        assertThat(found).isPresent();
        awaitAsleep(1);
        assertThat(connect("c").orElseThrow().generation())
                .isEqualTo(found.get().generation());
    }

    @Test
    void aClientThatIsBackInTheMiddleOfAnExchangeOfQos2GoesOnWithItWhenThatIsDurable() throws Exception {
        sessions.start(() -> {});
        Sessions.Claim claim = sessions.claim("c", () -> {});
        KeptSession kept = claim.keep(USER, via("c"), DAY, null, previous(claim), Runnable::run);
        Orphan released = new Orphan(
                new Exchange(Exchange.Stage.RELEASED, 5, 2, 7),
                false,
                Format.named("JSON"),
                List.of(),
                null,
                Version.NONE,
                context.cursors().head());
        store.hold("of/");
        claim.release(Optional.of(new SessionState(
                USER,
                via("c"),
                kept.generation(),
                DAY,
                List.of(),
                List.of(released),
                Set.of(),
                new AtomicReference<>())));
        Sessions.Claim next = sessions.claim("c", () -> {});
        assertThat(next.previous().toCompletableFuture()).isNotDone();

        store.letGo();

        assertThat(previous(next).orElseThrow().orphans()).containsExactly(released);
    }

    @Test
    void aSessionThatCannotBeSavedStaysInMemoryUntilItExpires() throws Exception {
        sessions.start(() -> {});
        store.refuse();
        leave("c", DAY, null);
        leave("short", 1, null);

        await().untilAsserted(() -> {
            assertThat(sessions.expired()).isEqualTo(1);
            assertThat(sessions.inMemory()).isEqualTo(1);
        });
        assertThat(connect("c")).isPresent();
    }

    @Test
    void nothingIsLeftOfASessionThatEndsWhileItIsStillBeingWritten() throws Exception {
        sessions.start(() -> {});
        store.hold("of/");
        leave("c", DAY, null);
        SessionState found = connect("c").orElseThrow();

        sessions.end(found).toCompletableFuture().get(20, TimeUnit.SECONDS);
        await().until(() -> store.waitingFor("flight") == 2);
        store.letGo();

        Set<String> left = new HashSet<>();
        store.forEach("of/", (key, value) -> left.add(key));
        assertThat(left).isEmpty();
    }

    @Test
    void aSessionThatSleepsExpires() throws Exception {
        sessions.start(() -> {});
        leave("c", 1, null);

        await().untilAsserted(() -> assertThat(sessions.expired()).isEqualTo(1));
        awaitAsleep(0);
        assertThat(connect("c")).isEmpty();
    }

    @Test
    void aClientThatIsBackKeepsItsSessionFromExpiring() throws Exception {
        sessions.start(() -> {});
        leave("c", 3, null);
        awaitAsleep(1);
        assertThat(connect("c")).isPresent();
        leave("other", 4, null);

        await().untilAsserted(() -> {
            assertThat(sessions.expired()).isEqualTo(1);
            assertThat(sessions.count()).isEqualTo(1);
        });
        assertThat(sessions.alarms()).isZero();
    }

    @Test
    void theJournalIsHeldForASessionWhetherItSleepsOrNot() throws Exception {
        CountDownLatch known = new CountDownLatch(1);
        sessions.start(known::countDown);
        assertThat(known.await(20, TimeUnit.SECONDS)).isTrue();
        Cursor place = context.cursors().head();
        Sessions.Claim claim = sessions.claim("c", () -> {});
        assertThat(previous(claim)).isEmpty();
        KeptSession kept = claim.keep(USER, via("c"), DAY, null, Optional.empty(), Runnable::run);
        Saved saved = new Saved(
                1,
                new SubscriptionOptions("a/#", 1, false, false, 0, Format.named("JSON"), ""),
                new Flight.Place(place, false, List.of()),
                List.of(),
                null);
        kept.subscribed(saved);
        assertThat(earliest()).isEqualTo(place);
        claim.release(Optional.of(new SessionState(
                USER, via("c"), kept.generation(), DAY, List.of(saved), List.of(), Set.of(), new AtomicReference<>())));
        assertThat(earliest()).isEqualTo(place);
        awaitAsleep(1);
        assertThat(earliest()).isEqualTo(place);
        sessions.sweep();
        assertThat(earliest()).isEqualTo(place);
        connect("c");
        assertThat(earliest()).isEqualTo(place);
        sessions.sweep();
        assertThat(earliest()).isEqualTo(place);
    }

    private Cursor earliest() {
        JournalPlaces places = new JournalPlaces(context.cursors().head(), 1_000);
        sessions.addTo(places);
        assertThat(places.isComplete()).isTrue();
        return places.earliest();
    }

    @Test
    void theJournalIsHeldForASessionThatHadReadAllOfItWhenItFellAsleep() throws Exception {
        sessions.start(() -> {});
        Cursor head = context.cursors().head();
        JournalPlaces atHead = new JournalPlaces(head, 1_000);

        atHead.add(head);

        assertThat(atHead.found()).isEqualTo(head);
    }

    @Test
    void aSessionIsCountedOnceIfItsClientComesTwiceBeforeItIsFound() throws Exception {
        sessions.start(() -> {});
        leave("c", DAY, null);
        leave("other", DAY, null);
        awaitAsleep(2);

        Runnable goOn = store.holdReads();
        Sessions.Claim looks = sessions.claim("c", () -> {});
        Sessions.Claim takesOver = sessions.claim("c", () -> {});
        sessions.sweep();
        assertThat(sessions.waiting()).isEqualTo(2);
        goOn.run();
        leave(looks, previous(looks), "c", DAY, null);
        leave(takesOver, previous(takesOver), "c", DAY, null);

        awaitAsleep(2);
    }

    @Test
    void whateverHappensAtOnceNoSessionIsLostAndEachIsCounted() throws Exception {
        sessions.start(() -> {});
        int clients = 3;
        int rounds = 150;
        List<Set<Integer>> been = List.of(new HashSet<>(), new HashSet<>(), new HashSet<>());
        CountDownLatch over = new CountDownLatch(clients * rounds);
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < clients * rounds; i++) {
                int client = i % clients;
                int round = i / clients;
                threads.execute(() -> round("c" + client, been.get(client), round, over));
                if (i % 50 == 0) {
                    threads.execute(sessions::sweep);
                }
            }
            assertThat(over.await(60, TimeUnit.SECONDS)).isTrue();
        }
        awaitAsleep(clients);
        assertThat(sessions.count()).isEqualTo(clients);
        for (int client = 0; client < clients; client++) {
            assertThat(connect("c" + client).orElseThrow().received()).hasSize(rounds);
        }
    }

    /** A connection that finds all that those before it have left, and leaves one thing more. */
    private void round(String clientId, Set<Integer> been, int round, CountDownLatch over) {
        Sessions.Claim claim = sessions.claim(clientId, () -> {});
        claim.previous().thenAccept(found -> {
            Set<Integer> received =
                    new HashSet<>(found.map(SessionState::received).orElse(Set.of()));
            assertThat(received).as("left by those before").isEqualTo(been);
            received.add(round);
            been.add(round);
            KeptSession kept = claim.keep(USER, via(clientId), DAY, null, found, Runnable::run);
            store.put(SessionStore.received(kept.generation(), round), new byte[0]);
            claim.release(Optional.of(state(clientId, kept.generation(), DAY, received, null)));
            over.countDown();
        });
    }
}
