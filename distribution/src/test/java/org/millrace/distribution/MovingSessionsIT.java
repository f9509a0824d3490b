package org.millrace.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** MQTT clients that go from one node of a cluster to another, while their node is there, and when it is not. */
class MovingSessionsIT {
    private static final Duration COPIED = Duration.ofSeconds(3);

    @TempDir
    static Path folder;

    private static ClusterOfHosts cluster;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = ClusterOfHosts.start(folder, 3);
        cluster.awaitPlaces(0, 1);
        cluster.awaitPlaces(0, 2);
        cluster.awaitPlaces(1, 0);
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    private static Mqtt5BlockingClient client(int node, String id) {
        return Mqtt5Client.builder()
                .identifier(id)
                .serverHost("127.0.0.1")
                .serverPort(cluster.mqtt(node))
                .buildBlocking();
    }

    private static boolean connect(Mqtt5BlockingClient client) {
        return client.connectWith()
                .cleanStart(false)
                .sessionExpiryInterval(300)
                .send()
                .isSessionPresent();
    }

    private static void subscribe(Mqtt5BlockingClient client, String filter) {
        client.subscribeWith().topicFilter(filter).qos(MqttQos.AT_LEAST_ONCE).send();
    }

    private static void publish(int node, String topic, int from, int through) {
        Mqtt5BlockingClient publisher = client(node, "publisher-of-" + topic.replace('/', '-') + node + from);
        publisher.connect();
        for (int i = from; i <= through; i++) {
            publisher
                    .publishWith()
                    .topic(topic)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(Integer.toString(i).getBytes(UTF_8))
                    .send();
        }
        publisher.disconnect();
    }

    private static String text(Mqtt5Publish message) {
        return new String(message.getPayloadAsBytes(), UTF_8);
    }

    /** What comes until a message has come, each once. */
    private static Set<String> until(String last, Mqtt5BlockingClient.Mqtt5Publishes arrived) throws Exception {
        Set<String> all = new LinkedHashSet<>();
        while (!all.contains(last)) {
            all.add(text(arrived.receive(30, TimeUnit.SECONDS).orElseThrow()));
        }
        return all;
    }

    private static List<String> numbers(int from, int through) {
        return IntStream.rangeClosed(from, through).mapToObj(Integer::toString).toList();
    }

    @Test
    void aSessionThatWaitsGoesOnAtAnotherNode() throws Exception {
        Mqtt5BlockingClient before = client(0, "waits");
        assertThat(connect(before)).isFalse();
        subscribe(before, "waits/#");
        before.disconnect();
        publish(2, "waits/1", 1, 20);
        Mqtt5BlockingClient after = client(1, "waits");
        try (Mqtt5BlockingClient.Mqtt5Publishes arrived = after.publishes(MqttGlobalPublishFilter.ALL)) {
            assertThat(connect(after)).isTrue();
            assertThat(until("20", arrived)).containsExactlyElementsOf(numbers(1, 20));
            publish(0, "waits/1", 21, 21);
            assertThat(text(arrived.receive(30, TimeUnit.SECONDS).orElseThrow()))
                    .isEqualTo("21");
        }
        after.disconnect();
    }

    @Test
    void aClientThatConnectsElsewhereEndsItsConnectionAndGetsWhatItHadNotAcknowledged() throws Exception {
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        Mqtt5BlockingClient before = Mqtt5Client.builder()
                .identifier("taken")
                .serverHost("127.0.0.1")
                .serverPort(cluster.mqtt(0))
                .addDisconnectedListener(context -> ended.complete(context.getCause()))
                .buildBlocking();
        connect(before);
        subscribe(before, "taken/#");
        try (Mqtt5BlockingClient.Mqtt5Publishes held = before.publishes(MqttGlobalPublishFilter.ALL, true)) {
            publish(1, "taken/1", 1, 3);
            held.receive(30, TimeUnit.SECONDS).orElseThrow().acknowledge();
            assertThat(text(held.receive(30, TimeUnit.SECONDS).orElseThrow())).isEqualTo("2");
            Mqtt5BlockingClient after = client(1, "taken");
            try (Mqtt5BlockingClient.Mqtt5Publishes arrived = after.publishes(MqttGlobalPublishFilter.ALL)) {
                assertThat(connect(after)).isTrue();
                assertThat(ended.get(30, TimeUnit.SECONDS))
                        .isInstanceOfSatisfying(
                                Mqtt5DisconnectException.class,
                                e -> assertThat(e.getMqttMessage().getReasonCode())
                                        .isEqualTo(Mqtt5DisconnectReasonCode.SESSION_TAKEN_OVER));
                assertThat(until("3", arrived)).contains("2", "3");
            }
            after.disconnect();
        }
    }

    @Test
    void aClientWithoutASessionIsTakenOverToo() throws Exception {
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        Mqtt5BlockingClient before = Mqtt5Client.builder()
                .identifier("passing")
                .serverHost("127.0.0.1")
                .serverPort(cluster.mqtt(2))
                .addDisconnectedListener(context -> ended.complete(context.getCause()))
                .buildBlocking();
        before.connect();
        Mqtt5BlockingClient after = client(1, "passing");
        after.connect();
        assertThat(ended.get(30, TimeUnit.SECONDS)).isInstanceOf(Mqtt5DisconnectException.class);
        assertThat(after.getState().isConnected()).isTrue();
        after.disconnect();
    }

    @Test
    void whoseNodeIsKilledGoesOnAtAnotherAndComesBack() throws Exception {
        Mqtt5BlockingClient before = client(0, "survives");
        connect(before);
        subscribe(before, "survives/#");
        // A session is copied within a second, as documented.
        await().pollDelay(COPIED)
                .atMost(ClusterOfHosts.PATIENCE)
                .untilAsserted(() -> assertThat(Http.text(Http.get(cluster.host(0), "/$sys/cluster")))
                        .contains("\"unsentChanges\":0"));
        cluster.host(0).kill();
        publish(2, "survives/1", 1, 10);
        Mqtt5BlockingClient elsewhere = client(1, "survives");
        try (Mqtt5BlockingClient.Mqtt5Publishes arrived = elsewhere.publishes(MqttGlobalPublishFilter.ALL)) {
            assertThat(connect(elsewhere)).isTrue();
            assertThat(until("10", arrived)).containsExactlyElementsOf(numbers(1, 10));
        }
        cluster.start(0);
        await().atMost(ClusterOfHosts.PATIENCE)
                .untilAsserted(() -> assertThat(Http.text(Http.get(cluster.host(0), "/$sys/cluster")))
                        .contains("\"state\":\"running\"", "\"unreadMessages\":0"));
        elsewhere.disconnect();
        publish(2, "survives/1", 11, 20);
        cluster.awaitPlaces(1, 0);
        Mqtt5BlockingClient back = client(0, "survives");
        try (Mqtt5BlockingClient.Mqtt5Publishes arrived = back.publishes(MqttGlobalPublishFilter.ALL)) {
            assertThat(connect(back)).isTrue();
            assertThat(until("20", arrived)).containsAll(numbers(11, 20));
        }
        back.disconnect();
    }

    @Test
    void aCleanStartElsewhereEndsTheSession() throws Exception {
        Mqtt5BlockingClient before = client(0, "forgets");
        connect(before);
        subscribe(before, "forgets/#");
        before.disconnect();
        Mqtt5BlockingClient clean = client(1, "forgets");
        assertThat(clean.connectWith().cleanStart(true).send().isSessionPresent())
                .isFalse();
        clean.disconnect();
        publish(2, "forgets/1", 1, 1);
        Mqtt5BlockingClient again = client(0, "forgets");
        try (Mqtt5BlockingClient.Mqtt5Publishes arrived = again.publishes(MqttGlobalPublishFilter.ALL)) {
            assertThat(connect(again)).isFalse();
            Optional<Mqtt5Publish> none = arrived.receive(500, TimeUnit.MILLISECONDS);
            assertThat(none).isEmpty();
        }
        again.disconnect();
    }
}
