package org.millrace.plugin.mqtt.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.plugin.mqtt.delivery.SharedGroups;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.testkit.InMemoryHost;

/** What a session that waits for its client keeps in memory. */
class SessionsTest {
    private final InMemoryHost host = InMemoryHost.create();
    private final PluginContext context = host.context("mqtt", Map.of());
    private final Sessions sessions =
            new Sessions(context, new SharedGroups(context, new SharedStore(context)), 10, 1_000);

    @AfterEach
    void stop() throws Exception {
        host.close();
    }

    /** Stands for a connection with its buffers. */
    private static final class Connection implements Sessions.Holder {
        @Override
        public void takenOver() {
            throw new IllegalStateException("it is gone");
        }
    }

    private WeakReference<Connection> connectAndLeave() {
        Connection connection = new Connection();
        Sessions.Claim claim = sessions.claim("c", connection);
        ConnectionInfo via = new ConnectionInfo("mqtt/5", "127.0.0.1:1", false, "c");
        claim.release(Optional.of(new SessionState(
                new Identity("user", Set.of()),
                via,
                "",
                600,
                List.of(),
                List.of(),
                Set.of(),
                new AtomicReference<>())));
        return new WeakReference<>(connection);
    }

    @Test
    void aSessionThatWaitsKeepsNothingOfItsConnection() {
        WeakReference<Connection> connection = connectAndLeave();

        assertThat(sessions.waiting()).isEqualTo(1);
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
            System.gc();
            return connection.get() == null;
        });
        Optional<SessionState> left =
                sessions.claim("c", () -> {}).previous().toCompletableFuture().join();
        assertThat(left).isPresent();
    }
}
