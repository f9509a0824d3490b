package org.millrace.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.millrace.distribution.Http.JSON;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.AdvancedMessage;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.types.Binary;
import org.apache.qpid.protonj2.types.Decimal128;
import org.apache.qpid.protonj2.types.Symbol;
import org.apache.qpid.protonj2.types.UnsignedByte;
import org.apache.qpid.protonj2.types.UnsignedInteger;
import org.apache.qpid.protonj2.types.UnsignedLong;
import org.apache.qpid.protonj2.types.UnsignedShort;
import org.apache.qpid.protonj2.types.messaging.AmqpValue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of contents and properties between AMQP and the other protocols of an installed host. */
class AmqpMappingIT {
    @TempDir
    static Path folder;

    private static MillraceProcess host;

    private Client client;
    private Connection connection;

    @BeforeAll
    static void startHost() {
        host = MillraceProcess.start(folder.resolve("data"));
    }

    @AfterAll
    static void stopHost() {
        assertThat(host.stop()).isZero();
    }

    @BeforeEach
    void connect() throws Exception {
        client = Client.create();
        connection = client.connect("127.0.0.1", host.port("amqp"));
    }

    @AfterEach
    void disconnect() {
        connection.close();
        client.close();
    }

    private void send(String address, Message<?> message) throws Exception {
        connection.openSender(address).send(message).awaitAccepted(20, TimeUnit.SECONDS);
    }

    private void put(String path, Object value) throws Exception {
        send(
                path,
                AdvancedMessage.create().addBodySection(new AmqpValue<>(value)).annotation("x-opt-millrace-op", "put"));
    }

    private static Message<Object> next(Receiver receiver) throws Exception {
        var delivery = receiver.receive(20, TimeUnit.SECONDS);
        assertThat(delivery).as("a delivery in time").isNotNull();
        return delivery.message();
    }

    private static Message<byte[]> full() throws Exception {
        return Message.create("{\"temp\":21}".getBytes(UTF_8))
                .messageId("m-1")
                .subject("reading")
                .groupId("g-1")
                .replyTo("answers/1")
                .correlationId("c-1")
                .contentType("application/json")
                .timeToLive(600_000)
                .property("color", "red")
                .property("weight", 5);
    }

    private static Mqtt5BlockingClient mqtt() {
        Mqtt5BlockingClient opened = Mqtt5Client.builder()
                .serverHost("127.0.0.1")
                .serverPort(host.port("mqtt"))
                .buildBlocking();
        opened.connect();
        return opened;
    }

    @Test
    void whatAmqpSendsReachesMqttWithItsProperties() throws Exception {
        Mqtt5BlockingClient subscriber = mqtt();
        try (Mqtt5BlockingClient.Mqtt5Publishes arrived = subscriber.publishes(MqttGlobalPublishFilter.ALL)) {
            subscriber
                    .subscribeWith()
                    .topicFilter("mapped/mqtt")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
            send("mapped/mqtt", full());

            Mqtt5Publish got = arrived.receive(20, TimeUnit.SECONDS).orElseThrow();
            assertThat(got.getPayloadAsBytes()).asString().isEqualTo("{\"temp\":21}");
            assertThat(got.getContentType().orElseThrow()).hasToString("application/json");
            assertThat(got.getResponseTopic().orElseThrow()).hasToString("answers/1");
            assertThat(UTF_8.decode(got.getCorrelationData().orElseThrow()).toString())
                    .isEqualTo("c-1");
            assertThat(got.getMessageExpiryInterval().orElseThrow()).isBetween(500L, 600L);
            assertThat(got.getUserProperties().asList())
                    .extracting(property -> property.getName() + "=" + property.getValue())
                    .containsExactlyInAnyOrder(
                            "message-id=m-1", "subject=reading", "group-id=g-1", "color=red", "weight=5");
        }
        subscriber.disconnect();
    }

    @Test
    void whatMqttPublishesReachesAmqpWithItsProperties() throws Exception {
        Receiver receiver = connection.openReceiver("mapped/amqp/#");
        receiver.openFuture().get(20, TimeUnit.SECONDS);
        Mqtt5BlockingClient publisher = mqtt();
        publisher
                .publishWith()
                .topic("mapped/amqp/1")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("{\"temp\":21}".getBytes(UTF_8))
                .contentType("application/json")
                .responseTopic("answers/1")
                .correlationData("c-1".getBytes(UTF_8))
                .messageExpiryInterval(600)
                .userProperties()
                .add("subject", "reading")
                .add("color", "red")
                .applyUserProperties()
                .send();
        publisher.disconnect();

        Message<Object> got = next(receiver);
        assertThat((byte[]) got.body()).asString().isEqualTo("{\"temp\":21}");
        assertThat(got.contentType()).isEqualTo("application/json");
        assertThat(got.to()).isEqualTo("mapped/amqp/1");
        assertThat(got.subject()).isEqualTo("reading");
        assertThat(got.replyTo()).isEqualTo("answers/1");
        assertThat(got.correlationId()).isEqualTo("c-1");
        assertThat(got.property("color")).isEqualTo("red");
        assertThat(got.durable()).isTrue();
        assertThat(got.timeToLive()).isBetween(500_000L, 600_000L);
    }

    @Test
    void whatAmqpSendsReachesEventStreamsWithItsProperties() throws Exception {
        try (ClientProgram curl = ClientProgram.start(
                folder,
                "curl",
                "-sSN",
                "-H",
                "Accept: text/event-stream",
                host.url("/?subscribe=mapped/sse/%23").toString())) {
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(curl.lines()).contains("event: caught-up"));
            send("mapped/sse/1", full());
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(curl.lines())
                            .anySatisfy(line -> assertThat(line)
                                    .startsWith("data: {\"path\":\"mapped/sse/1\"")
                                    .contains("\"subject\":\"reading\"", "\"color\":\"red\"", "\"weight\":\"5\"")
                                    .endsWith("\"value\":{\"temp\":21}}")));
        }
    }

    @Test
    void whatHttpPutsArrivesInTheFormatThatIsAskedFor() throws Exception {
        Http.put(host, "/mapped/http", JSON, "{\"temp\":21}");
        ReceiverOptions asking = new ReceiverOptions();
        asking.sourceOptions().filters(Map.of("millrace:accept", "application/cbor"));

        Message<Object> json = next(connection.openReceiver("mapped/http"));
        assertThat((byte[]) json.body()).asString().isEqualTo("{\"temp\":21}");
        assertThat(json.contentType()).isEqualTo("application/json");
        Message<Object> cbor = next(connection.openReceiver("mapped/http", asking));
        assertThat((byte[]) cbor.body()).isEqualTo(HexFormat.of().parseHex("a16474656d7015"));
        assertThat(cbor.contentType()).isEqualTo("application/cbor");
    }

    @Test
    void anotherFormatKeepsAllElseThatAnAmqpClientSaid() throws Exception {
        ReceiverOptions asking = new ReceiverOptions();
        asking.sourceOptions().filters(Map.of("millrace:accept", "application/cbor"));
        Receiver receiver = connection.openReceiver("mapped/formats", asking);
        receiver.openFuture().get(20, TimeUnit.SECONDS);
        send("mapped/formats", full());

        Message<Object> got = next(receiver);
        assertThat((byte[]) got.body()).isEqualTo(HexFormat.of().parseHex("a16474656d7015"));
        assertThat(got.contentType()).isEqualTo("application/cbor");
        assertThat(got.messageId()).isEqualTo("m-1");
        assertThat(got.subject()).isEqualTo("reading");
        assertThat(got.groupId()).isEqualTo("g-1");
        assertThat(got.property("weight")).isEqualTo(5);
        assertThat(got.property("subject")).isNull();
    }

    @Test
    void contentThatAmqpPutsIsReadOverHttpInEveryFormat() throws Exception {
        send(
                "mapped/cbor",
                Message.create(HexFormat.of().parseHex("a16474656d7015"))
                        .contentType("application/cbor")
                        .annotation("x-opt-millrace-op", "put"));

        assertThat(Http.text(Http.get(host, "/mapped/cbor", "Accept", JSON))).isEqualTo("{\"temp\":21}");
        var kept = Http.get(host, "/mapped/cbor", "Accept", "application/cbor");
        assertThat(kept.body()).isEqualTo(HexFormat.of().parseHex("a16474656d7015"));
        assertThat(Http.header(kept, "content-type")).isEqualTo("application/cbor");
    }

    @Test
    void valuesOfEveryPrimitiveTypeAreReadOverHttp() throws Exception {
        UUID uuid = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
        put(
                "mapped/types",
                new ArrayList<>(Arrays.asList(
                        null,
                        true,
                        UnsignedByte.valueOf((byte) 255),
                        UnsignedShort.valueOf((short) -1),
                        UnsignedInteger.valueOf(-1),
                        UnsignedLong.valueOf(-1L),
                        (byte) -1,
                        (short) -2,
                        -3,
                        -4L,
                        1.5f,
                        2.5d,
                        new Decimal128(BigDecimal.ONE),
                        'x',
                        new Date(0),
                        uuid,
                        new Binary(new byte[] {1, 2}),
                        "text",
                        Symbol.valueOf("symbol"),
                        new ArrayList<>(List.of(1)),
                        Map.of("k", 1L),
                        new int[] {1, 2})));

        String json = Http.text(Http.get(host, "/mapped/types"));
        assertThat(json)
                .startsWith("[null,true,255,65535,4294967295,18446744073709551615,-1,-2,-3,-4,1.5,2.5,\"decimal128:")
                .endsWith("\",\"x\",\"1970-01-01T00:00:00Z\",\"" + uuid
                        + "\",\"AQI\",\"text\",\"symbol\",[1],{\"k\":1},[1,2]]");
        var cbor = Http.get(host, "/mapped/types", "Accept", "application/cbor");
        assertThat(cbor.statusCode()).isEqualTo(200);
        assertThat(Http.header(cbor, "content-type")).isEqualTo("application/cbor");
        try (Mosquitto.Subscriber subscriber = new Mosquitto(host.port("mqtt")).subscribe("-t", "mapped/types")) {
            subscriber.await("mapped/types " + json);
        }
    }
}
