package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.connect4;
import static org.millrace.plugin.mqtt.Packets.publish4;
import static org.millrace.plugin.mqtt.Packets.subscribe4;

import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.InMemoryHost;
import org.millrace.testkit.RawPeer;

/** What CONNECT reads of the sessions' store, and where: a disk that has to be waited for must not hold up others. */
class StoreReadsTest {
    private final InMemoryHost host = InMemoryHost.create();
    private WatchedContext context;

    @AfterEach
    void stop() throws Exception {
        host.close();
    }

    private void start() throws Exception {
        context = new WatchedContext(host.context("mqtt", Map.of("port", "0")));
        new MqttPlugin().start(context);
    }

    private RawPeer connected(String clientId, boolean present) {
        return RawPeer.connect(host.address("mqtt"))
                .send(connect4(clientId, 0))
                .expectHex(present ? "20 02 01 00" : "20 02 00 00");
    }

    @Test
    void aSessionOfAnEarlierRunIsReadOffTheEventLoop() throws Exception {
        start();
        connected("c", false).send(subscribe4(1, "a", 1)).expectHex("90 03 00 01 01");
        host.crash("mqtt");
        start();

        RawPeer peer = connected("c", true);
        peer.send(publish4(0, "a", 0, "x")).expect(publish4(0, "a", 0, "x"));
        connected("nobody knew", false);

        assertThat(context.read()).anyMatch(key -> key.startsWith("session/"));
        assertThat(context.readOnLoops()).isEmpty();
    }

    @Test
    void aSessionThatSleptInThisRunIsReadOffTheEventLoop() throws Exception {
        start();
        connected("c", false)
                .send(subscribe4(1, "a", 1))
                .expectHex("90 03 00 01 01")
                .close();
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            context.read().clear();
            connected("c", true).close();
            assertThat(context.read()).anyMatch(key -> key.startsWith("session/"));
        });

        assertThat(context.readOnLoops()).isEmpty();
    }

    @Test
    void whileNoSessionSleepsNothingIsRead() throws Exception {
        start();
        // It goes through what there is at the start, and then through parts that belong to nothing.
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> context.read().contains("of/"));
        int before = context.read().size();

        RawPeer first = connected("c", false);
        connected("c", true);
        first.expectClosed();
        connected("d", false);

        assertThat(context.read()).hasSize(before);
    }
}
