package org.millrace.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The HiveMQ client against an installed host with a user. */
class HiveMqClientIT {
    @TempDir
    static Path folder;

    private static Path configuration;
    private static MillraceProcess host;

    @BeforeAll
    static void startHost() throws Exception {
        configuration = Files.writeString(folder.resolve("millrace.yaml"), """
            auth:
              users:
                - {name: ada, password: secret, roles: [all]}
              roles:
                - {name: all, read: ["#"], write: ["#"], publish: ["#"], subscribe: ["#"]}
            """);
        host = MillraceProcess.start(folder.resolve("data"), "--config", configuration.toString());
    }

    @AfterAll
    static void stopHost() {
        assertThat(host.stop()).isZero();
    }

    private static Mqtt5ClientBuilder builder(String id) {
        return Mqtt5Client.builder().identifier(id).serverHost("127.0.0.1").serverPort(host.port("mqtt"));
    }

    private static Mqtt5BlockingClient client(String id) {
        Mqtt5BlockingClient client = builder(id)
                .simpleAuth()
                .username("ada")
                .password("secret".getBytes(UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
        return client;
    }

    private static String text(Mqtt5Publish message) {
        return new String(message.getPayloadAsBytes(), UTF_8);
    }

    @ParameterizedTest
    @EnumSource(MqttQos.class)
    void messagesArriveAtEveryQosWithTheirProperties(MqttQos qos) throws Exception {
        Mqtt5BlockingClient subscriber = client("sub" + qos);
        Mqtt5BlockingClient publisher = client("pub" + qos);
        String topic = "hive/" + qos;
        try (Mqtt5BlockingClient.Mqtt5Publishes arrived = subscriber.publishes(MqttGlobalPublishFilter.ALL)) {
            subscriber.subscribeWith().topicFilter(topic).qos(qos).send();
            for (int i = 0; i < 100; i++) {
                publisher
                        .publishWith()
                        .topic(topic)
                        .qos(qos)
                        .payload(Integer.toString(i).getBytes(UTF_8))
                        .contentType("text/plain")
                        .responseTopic("answers")
                        .userProperties()
                        .add("k", "v")
                        .applyUserProperties()
                        .send();
            }
            for (int i = 0; i < 100; i++) {
                Mqtt5Publish message = arrived.receive(20, TimeUnit.SECONDS).orElseThrow();
                assertThat(text(message)).isEqualTo(Integer.toString(i));
                assertThat(message.getQos()).isEqualTo(qos);
                assertThat(message.getResponseTopic().orElseThrow()).hasToString("answers");
                assertThat(message.getUserProperties().asList()).hasSize(1);
            }
        }
        subscriber.disconnect();
        publisher.disconnect();
    }

    @Test
    void sessionIsThereAfterTheServerWasKilled() throws Exception {
        Mqtt5BlockingClient keeper = builder("keeper")
                .simpleAuth()
                .username("ada")
                .password("secret".getBytes(UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        keeper.connectWith().cleanStart(true).sessionExpiryInterval(300).send();
        keeper.subscribeWith().topicFilter("kept").qos(MqttQos.AT_LEAST_ONCE).send();
        keeper.disconnect();
        Mqtt5BlockingClient publisher = client("publisher");
        publisher
                .publishWith()
                .topic("kept")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("x".getBytes(UTF_8))
                .send();
        host.kill();
        host = MillraceProcess.start(folder.resolve("data"), "--config", configuration.toString());
        Mqtt5BlockingClient back = builder("keeper")
                .simpleAuth()
                .username("ada")
                .password("secret".getBytes(UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        try (Mqtt5BlockingClient.Mqtt5Publishes arrived = back.publishes(MqttGlobalPublishFilter.ALL)) {
            assertThat(back.connectWith()
                            .cleanStart(false)
                            .sessionExpiryInterval(300)
                            .send()
                            .isSessionPresent())
                    .isTrue();
            assertThat(text(arrived.receive(20, TimeUnit.SECONDS).orElseThrow()))
                    .isEqualTo("x");
        }
        back.disconnect();
    }

    @Test
    void clientIsAuthenticatedBySteps() {
        ScramMechanism right = new ScramMechanism("ada", "secret");
        Mqtt5BlockingClient client = builder("scram").enhancedAuth(right).buildBlocking();
        client.connect();
        assertThat(right.proofs()).isEqualTo(1);
        client.publishWith().topic("scram").qos(MqttQos.AT_LEAST_ONCE).send();
        client.toAsync().reauth().join();
        assertThat(right.proofs()).isEqualTo(2);
        client.publishWith().topic("scram").qos(MqttQos.AT_LEAST_ONCE).send();
        client.disconnect();

        Mqtt5BlockingClient wrong = builder("scram")
                .enhancedAuth(new ScramMechanism("ada", "guessed"))
                .buildBlocking();
        assertThatExceptionOfType(Mqtt5ConnAckException.class)
                .isThrownBy(wrong::connect)
                .satisfies(e -> assertThat(e.getMqttMessage().getReasonCode())
                        .isEqualTo(Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD));
    }

    @Test
    void olderVersionIsServedToo() {
        Mqtt3BlockingClient client = Mqtt3Client.builder()
                .identifier("three")
                .serverHost("127.0.0.1")
                .serverPort(host.port("mqtt"))
                .simpleAuth()
                .username("ada")
                .password("secret".getBytes(UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
        client.publishWith()
                .topic("three")
                .qos(MqttQos.EXACTLY_ONCE)
                .retain(true)
                .payload("x".getBytes(UTF_8))
                .send();
        client.disconnect();
        Mqtt5BlockingClient reader = client("reader");
        try (Mqtt5BlockingClient.Mqtt5Publishes arrived = reader.publishes(MqttGlobalPublishFilter.ALL)) {
            reader.subscribeWith().topicFilter("three").send();
            assertThat(arrived.receive(20, TimeUnit.SECONDS).map(HiveMqClientIT::text))
                    .contains("x");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        reader.disconnect();
    }
}
