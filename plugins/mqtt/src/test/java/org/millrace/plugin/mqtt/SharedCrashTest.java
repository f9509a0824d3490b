package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.acknowledgement;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.connect4;
import static org.millrace.plugin.mqtt.Packets.publish4;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.millrace.testkit.InMemoryHost;
import org.millrace.testkit.RawPeer;

/**
 * A server that dies after each of the writes that a shared subscription's members cause: every message reaches one of
 * them, once.
 */
class SharedCrashTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String SHARED = "$share/g/jobs/#";

    @Test
    void whicheverWriteIsTheLastEachMessageIsDeliveredOnce() throws Exception {
        int writes = 0;
        while (diesAfter(writes)) {
            writes++;
        }
        assertThat(writes).as("writes").isGreaterThan(10);
    }

    /** False if there are not so many writes. */
    private static boolean diesAfter(int writes) throws Exception {
        try (Group group = new Group()) {
            group.start();
            group.both();
            group.store.holdAfter(writes);
            for (int step = 0; step < 3; step++) {
                group.publish("a" + step, "b" + step, "c" + step);
                group.awaitDeliveredOrHeld();
                Qos2Device device = step == 1 ? group.two : group.one;
                device.breakOff();
                group.publish("d" + step);
                group.awaitDeliveredOrHeld();
                if (!group.reconnects(device)) {
                    break;
                }
            }
            boolean died = group.store.isHolding();
            group.one.breakOff();
            group.two.breakOff();
            group.host.crash("mqtt");
            group.start();
            group.both();
            group.publish("last", "very last");
            Awaitility.await("delivered all after " + writes + " writes")
                    .atMost(LONG)
                    .until(() -> group.delivered().containsAll(group.published));
            assertThat(group.delivered())
                    .as("delivered after %s writes", writes)
                    .containsExactlyInAnyOrderElementsOf(group.published);
            return died;
        }
    }

    /** Two members and what they were sent. */
    private static final class Group implements AutoCloseable {
        final InMemoryHost host = InMemoryHost.create();
        final Qos2Device one = new Qos2Device("one");
        final Qos2Device two = new Qos2Device("two");
        final List<String> published = new ArrayList<>();
        WaitingStore store;

        void start() throws Exception {
            var context = host.context("mqtt", Map.of("port", "0", "connect-timeout", "3s"));
            store = new WaitingStore(context.store());
            new MqttPlugin().start(new WatchedContext(context, store));
        }

        void both() throws Exception {
            connect(one);
            connect(two);
        }

        void connect(Qos2Device device) throws Exception {
            device.connect(host.address("mqtt"), SHARED);
        }

        /** False if the store does nothing any more, which the server waits for. */
        boolean reconnects(Qos2Device device) throws Exception {
            try {
                if (!store.isHolding()) {
                    connect(device);
                    return true;
                }
            } catch (IOException e) {
                if (!store.isHolding()) {
                    throw e;
                }
            }
            return false;
        }

        void publish(String... payloads) {
            try (RawPeer publisher = RawPeer.connect(host.address("mqtt"))) {
                publisher.send(connect4("publisher", Packets.CLEAN)).expect(bytes(0x20, 2, 0, 0));
                for (String payload : payloads) {
                    publisher.send(publish4(0x04, "jobs/a", 1, payload)).expect(acknowledgement(0x50, 1));
                    publisher.send(acknowledgement(0x62, 1)).expect(acknowledgement(0x70, 1));
                    published.add(payload);
                }
            }
        }

        List<String> delivered() {
            List<String> all = new ArrayList<>(one.delivered());
            all.addAll(two.delivered());
            return all;
        }

        void awaitDeliveredOrHeld() {
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(5))
                    .atMost(LONG)
                    .until(() -> store.isHolding() || delivered().containsAll(published));
        }

        @Override
        public void close() throws Exception {
            one.breakOff();
            two.breakOff();
            host.close();
        }
    }
}
