package org.millrace.plugin.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** End to end with the HiveMQ client. */
class HiveMqClientTest {
    private MqttHost mqtt;

    @BeforeEach
    void start() throws Exception {
        mqtt = MqttHost.start();
    }

    @AfterEach
    void stop() throws Exception {
        mqtt.close();
    }

    private Mqtt5BlockingClient client(String id) {
        Mqtt5BlockingClient client = Mqtt5Client.builder()
                .identifier(id)
                .serverHost("127.0.0.1")
                .serverPort(mqtt.port())
                .buildBlocking();
        client.connect();
        return client;
    }

    @ParameterizedTest
    @EnumSource(MqttQos.class)
    void messagesArriveOnceAndInOrder(MqttQos qos) throws Exception {
        Mqtt5BlockingClient subscriber = client("subscriber");
        Mqtt5AsyncClient publisher = client("publisher").toAsync();
        int count = 2000;
        try (var arrived = subscriber.publishes(MqttGlobalPublishFilter.ALL)) {
            subscriber.subscribeWith().topicFilter("load/+").qos(qos).send();
            List<CompletableFuture<Mqtt5PublishResult>> sent = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                sent.add(publisher
                        .publishWith()
                        .topic("load/t")
                        .qos(qos)
                        .payload(Integer.toString(i).getBytes(UTF_8))
                        .send());
            }
            for (int i = 0; i < count; i++) {
                Mqtt5Publish publish = arrived.receive(10, TimeUnit.SECONDS).orElseThrow();
                assertThat(new String(publish.getPayloadAsBytes(), UTF_8)).isEqualTo(Integer.toString(i));
            }
            assertThat(arrived.receive(50, TimeUnit.MILLISECONDS)).isEmpty();
            CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);
        }
        subscriber.disconnect();
        publisher.disconnect().get(10, TimeUnit.SECONDS);
    }

    @Test
    void requestAndResponseFindEachOther() throws Exception {
        Mqtt5BlockingClient service = client("service");
        Mqtt5BlockingClient asker = client("asker");
        service.toAsync()
                .subscribeWith()
                .topicFilter("ask")
                .callback(request -> service.toAsync()
                        .publishWith()
                        .topic(request.getResponseTopic().orElseThrow())
                        .correlationData(request.getCorrelationData().orElseThrow())
                        .contentType("text/plain")
                        .payload("42".getBytes(UTF_8))
                        .send())
                .send()
                .get(10, TimeUnit.SECONDS);
        try (var answers = asker.publishes(MqttGlobalPublishFilter.ALL)) {
            asker.subscribeWith().topicFilter("answers/asker").send();
            asker.publishWith()
                    .topic("ask")
                    .responseTopic("answers/asker")
                    .correlationData(new byte[] {1, 2, 3})
                    .userProperties()
                    .add("trace", "abc")
                    .applyUserProperties()
                    .send();
            Mqtt5Publish answer = answers.receive(10, TimeUnit.SECONDS).orElseThrow();
            assertThat(answer.getPayloadAsBytes()).isEqualTo("42".getBytes(UTF_8));
            assertThat(answer.getContentType()).hasToString("Optional[text/plain]");
            assertThat(answer.getCorrelationData().orElseThrow().remaining()).isEqualTo(3);
        }
        service.disconnect();
        asker.disconnect();
    }

    @Test
    void olderClientsWorkToo() throws Exception {
        Mqtt3BlockingClient client = Mqtt3Client.builder()
                .identifier("three")
                .serverHost("127.0.0.1")
                .serverPort(mqtt.port())
                .buildBlocking();
        client.connectWith().cleanSession(false).send();
        client.publishWith()
                .topic("a/b")
                .qos(MqttQos.EXACTLY_ONCE)
                .retain(true)
                .payload("kept".getBytes(UTF_8))
                .send();
        try (var arrived = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter("a/#").qos(MqttQos.EXACTLY_ONCE).send();
            Mqtt3Publish publish = arrived.receive(10, TimeUnit.SECONDS).orElseThrow();
            assertThat(publish.isRetain()).isTrue();
            assertThat(publish.getPayloadAsBytes()).isEqualTo("kept".getBytes(UTF_8));
        }
        client.disconnect();
    }

    @Test
    void sharedSubscribersGetEachMessageOnce() {
        int count = 1000;
        Set<String> seen = ConcurrentHashMap.newKeySet();
        AtomicInteger deliveries = new AtomicInteger();
        List<Mqtt5BlockingClient> workers = new ArrayList<>();
        List<AtomicInteger> shares = new ArrayList<>();
        for (int w = 0; w < 3; w++) {
            Mqtt5BlockingClient worker = client("worker-" + w);
            AtomicInteger share = new AtomicInteger();
            worker.toAsync()
                    .subscribeWith()
                    .topicFilter("$share/workers/jobs/#")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .callback(job -> {
                        share.incrementAndGet();
                        deliveries.incrementAndGet();
                        seen.add(new String(job.getPayloadAsBytes(), UTF_8));
                    })
                    .send()
                    .join();
            workers.add(worker);
            shares.add(share);
        }
        Mqtt5BlockingClient publisher = client("publisher");
        for (int i = 0; i < count; i++) {
            publisher
                    .toAsync()
                    .publishWith()
                    .topic("jobs/" + i % 7)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(Integer.toString(i).getBytes(UTF_8))
                    .send();
        }
        Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> seen.size() == count);
        assertThat(deliveries).hasValue(count);
        assertThat(shares).allSatisfy(share -> assertThat(share.get()).isBetween(count / 3 - 1, count / 3 + 1));
        workers.forEach(Mqtt5BlockingClient::disconnect);
        publisher.disconnect();
    }
}
