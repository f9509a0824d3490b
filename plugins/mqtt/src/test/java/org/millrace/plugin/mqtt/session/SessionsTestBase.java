package org.millrace.plugin.mqtt.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.millrace.plugin.mqtt.WaitingStore;
import org.millrace.plugin.mqtt.WatchedContext;
import org.millrace.plugin.mqtt.delivery.SharedGroups;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.testkit.InMemoryHost;

/** Sessions of a host in memory, and clients that come and leave. */
abstract class SessionsTestBase {
    static final Identity USER = new Identity("user", Set.of());
    static final long DAY = 86_400;

    final InMemoryHost host = InMemoryHost.create();
    final PluginContext context = host.context("mqtt", Map.of());
    final WaitingStore store = new WaitingStore(context.store());
    final Sessions sessions = sessions(new WatchedContext(context, store));

    static Sessions sessions(PluginContext context) {
        return new Sessions(context, new SharedGroups(context, new SharedStore(context)), 100, 1_000);
    }

    @AfterEach
    void stop() throws Exception {
        sessions.stop(5);
        host.close();
    }

    static ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofSeconds(20));
    }

    /** Stands for a connection with its buffers. */
    static final class Connection implements Sessions.Holder {
        @Override
        public void takenOver() {
            throw new IllegalStateException("it is gone");
        }
    }

    static ConnectionInfo via(String clientId) {
        return new ConnectionInfo("mqtt/5", "127.0.0.1:1", false, clientId);
    }

    static SessionState state(
            String clientId, String generation, long expiry, Set<Integer> received, @Nullable Will will) {
        return new SessionState(
                USER, via(clientId), generation, expiry, List.of(), List.of(), received, new AtomicReference<>(will));
    }

    static Optional<SessionState> previous(Sessions.Claim claim) throws Exception {
        return claim.previous().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    Optional<SessionState> connect(String clientId) throws Exception {
        return previous(sessions.claim(clientId, () -> {}));
    }

    /** A client connects, and leaves a session. */
    void leave(String clientId, long expirySeconds, @Nullable Will will) throws Exception {
        Sessions.Claim claim = sessions.claim(clientId, new Connection());
        leave(claim, previous(claim), clientId, expirySeconds, will);
    }

    static void leave(
            Sessions.Claim claim,
            Optional<SessionState> resumed,
            String clientId,
            long expirySeconds,
            @Nullable Will will) {
        KeptSession kept = claim.keep(USER, via(clientId), expirySeconds, will, resumed, Runnable::run);
        claim.release(Optional.of(state(clientId, kept.generation(), expirySeconds, Set.of(), will)));
    }

    void awaitAsleep(int count) {
        await().untilAsserted(() -> {
            assertThat(sessions.inMemory()).as("in memory").isZero();
            assertThat(sessions.waiting())
                    .as("waiting, of %s", sessions.count())
                    .isEqualTo(count);
        });
    }
}
