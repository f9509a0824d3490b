package org.millrace.plugin.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.qpid.protonj2.client.AdvancedMessage;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.types.Binary;
import org.apache.qpid.protonj2.types.Decimal128;
import org.apache.qpid.protonj2.types.Decimal32;
import org.apache.qpid.protonj2.types.Decimal64;
import org.apache.qpid.protonj2.types.DescribedType;
import org.apache.qpid.protonj2.types.Symbol;
import org.apache.qpid.protonj2.types.UnknownDescribedType;
import org.apache.qpid.protonj2.types.UnsignedByte;
import org.apache.qpid.protonj2.types.UnsignedInteger;
import org.apache.qpid.protonj2.types.UnsignedLong;
import org.apache.qpid.protonj2.types.UnsignedShort;
import org.apache.qpid.protonj2.types.messaging.AmqpSequence;
import org.apache.qpid.protonj2.types.messaging.AmqpValue;
import org.apache.qpid.protonj2.types.messaging.Data;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.TopicFilter;

class ContentRoundTripTest extends AmqpTestBase {
    private AdvancedMessage<?> throughTheJournal(Message<?> message) throws Exception {
        Receiver receiver = connection.openReceiver("round/trip");
        receiver.openFuture().get();
        connection.openSender("round/trip").send(message).awaitAccepted(10, java.util.concurrent.TimeUnit.SECONDS);
        Delivery delivery = next(receiver);
        return delivery.message().toAdvancedMessage();
    }

    static Stream<Object> primitives() {
        return Stream.of(
                true,
                false,
                UnsignedByte.valueOf((byte) 255),
                UnsignedShort.valueOf((short) -1),
                UnsignedInteger.valueOf(-1),
                UnsignedLong.valueOf(-1L),
                (byte) -128,
                Short.MIN_VALUE,
                Integer.MIN_VALUE,
                Long.MAX_VALUE,
                1.5f,
                Float.NaN,
                Double.MIN_VALUE,
                Double.NEGATIVE_INFINITY,
                new Decimal32(new BigDecimal("1")),
                new Decimal64(new BigDecimal("1")),
                new Decimal128(new BigDecimal("1")),
                'x',
                UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"),
                Symbol.valueOf("symbol"),
                "text with ü and 😀 and \u0000",
                "",
                "{\"a\":1}",
                new Binary(new byte[] {0, 1, (byte) 0xff}),
                List.of("a", 1, true),
                Map.of("k", 1L));
    }

    @ParameterizedTest
    @MethodSource("primitives")
    void anAmqpValueComesBackAsItWas(Object value) throws Exception {
        AdvancedMessage<?> back = throughTheJournal(AdvancedMessage.create().addBodySection(new AmqpValue<>(value)));

        List<Object> sections = new ArrayList<>();
        back.forEachBodySection(section -> sections.add(section));
        assertThat(sections).hasSize(1);
        assertThat(((AmqpValue<?>) sections.getFirst()).getValue()).isEqualTo(value);
    }

    @Test
    void arraysNullsAndTimestampsComeBackAsTheyWere() throws Exception {
        assertThat((Object) roundTrip(new Date(1_700_000_000_123L))).isEqualTo(1_700_000_000_123L);
        assertThat((Object) roundTrip(new int[] {1, -1})).isEqualTo(new int[] {1, -1});
        assertThat((Object) roundTrip(new String[] {"a", "b"})).isEqualTo(new String[] {"a", "b"});
        assertThat((Object) roundTrip(new Symbol[] {Symbol.valueOf("a")}))
                .isEqualTo(new Symbol[] {Symbol.valueOf("a")});
        assertThat(((List<?>) roundTrip(new ArrayList<>(Arrays.asList(null, "a")))).getFirst())
                .isNull();
    }

    private Object roundTrip(Object value) throws Exception {
        AdvancedMessage<?> back = throughTheJournal(AdvancedMessage.create().addBodySection(new AmqpValue<>(value)));
        return back.body();
    }

    @Test
    void aDescribedTypeComesBackAsItWas() throws Exception {
        DescribedType point =
                new UnknownDescribedType(Symbol.valueOf("example:point:list"), new ArrayList<>(List.of(1, 2)));

        DescribedType back = (DescribedType) roundTrip(point);
        assertThat(back.getDescriptor()).isEqualTo(Symbol.valueOf("example:point:list"));
        assertThat(back.getDescribed()).isEqualTo(List.of(1, 2));
    }

    @Test
    void aDescribedTypeInAnAnnotationComesBackAsItWas() throws Exception {
        DescribedType unit = new UnknownDescribedType(UnsignedLong.valueOf(0x1234567L), "metre");
        AdvancedMessage<?> back = throughTheJournal(
                Message.create("x").annotation("x-opt-unit", unit).toAdvancedMessage());

        assertThat(back.annotation("x-opt-unit")).isInstanceOfSatisfying(DescribedType.class, kept -> {
            assertThat(kept.getDescriptor()).isEqualTo(UnsignedLong.valueOf(0x1234567L));
            assertThat(kept.getDescribed()).isEqualTo("metre");
        });
    }

    static Stream<Object> simpleTypes() {
        return primitives().filter(value -> !(value instanceof List || value instanceof Map));
    }

    @ParameterizedTest
    @MethodSource("simpleTypes")
    void anApplicationPropertyComesBackAsItWas(Object value) throws Exception {
        AdvancedMessage<?> back =
                throughTheJournal(Message.create("x").property("kept", value).toAdvancedMessage());

        assertThat((Object) back.property("kept")).isEqualTo(value);
    }

    @Test
    void severalDataSectionsAndSequencesStayApart() throws Exception {
        AdvancedMessage<?> data = throughTheJournal(AdvancedMessage.create()
                .addBodySection(new Data(new byte[] {1, 2}))
                .addBodySection(new Data(new byte[] {}))
                .addBodySection(new Data(new byte[] {3})));
        List<String> parts = new ArrayList<>();
        data.forEachBodySection(section ->
                parts.add(Arrays.toString(((Data) section).getBinary().asByteArray())));
        assertThat(parts).containsExactly("[1, 2]", "[]", "[3]");
    }

    @Test
    void aSequenceComesBackAsASequence() throws Exception {
        AdvancedMessage<?> back = throughTheJournal(
                AdvancedMessage.create().addBodySection(new AmqpSequence<>(new ArrayList<>(List.of("a", 2L)))));
        List<Object> sections = new ArrayList<>();
        back.forEachBodySection(section -> sections.add(section));
        assertThat(((AmqpSequence<?>) sections.getFirst()).getValue()).hasToString("[a, 2]");
    }

    @Test
    void headerPropertiesAndAnnotationsComeBackAsTheyWere() throws Exception {
        Message<String> message = Message.create("body")
                .durable(true)
                .firstAcquirer(true)
                .priority((byte) 7)
                .messageId(UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"))
                .userId("me".getBytes(StandardCharsets.UTF_8))
                .to("elsewhere")
                .subject("subject")
                .replyTo("answers/1")
                .correlationId(UnsignedLong.valueOf(42))
                .contentType("text/plain; charset=utf-8")
                .creationTime(1_700_000_000_123L)
                .groupId("group")
                .groupSequence(3)
                .replyToGroupId("group2")
                .property("text", "x")
                .property("long", 5L)
                .property("flag", true)
                .property("time", Instant.ofEpochMilli(5).toEpochMilli())
                .annotation("x-opt-mine", "kept")
                .annotation("x-opt-offset", "not kept");
        AdvancedMessage<?> back = throughTheJournal(message);

        assertThat(back.durable()).isTrue();
        assertThat(back.firstAcquirer()).isTrue();
        assertThat(back.priority()).isEqualTo((byte) 7);
        assertThat(back.messageId()).isEqualTo(UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"));
        assertThat(back.userId()).isEqualTo("me".getBytes(StandardCharsets.UTF_8));
        assertThat(back.to()).isEqualTo("elsewhere");
        assertThat(back.subject()).isEqualTo("subject");
        assertThat(back.replyTo()).isEqualTo("answers/1");
        assertThat(back.correlationId()).isEqualTo(UnsignedLong.valueOf(42));
        assertThat(back.contentType()).isEqualTo("text/plain; charset=utf-8");
        assertThat(back.creationTime()).isEqualTo(1_700_000_000_123L);
        assertThat(back.groupId()).isEqualTo("group");
        assertThat(back.groupSequence()).isEqualTo(3);
        assertThat(back.replyToGroupId()).isEqualTo("group2");
        assertThat(back.property("long")).isEqualTo(5L);
        assertThat(back.property("flag")).isEqualTo(true);
        assertThat(back.annotation("x-opt-mine")).isEqualTo("kept");
        assertThat(back.annotation("x-opt-offset")).isNotEqualTo("not kept");
    }

    @Test
    void otherProtocolsSeeWhatTheyHaveAPlaceFor() throws Exception {
        List<Change> seen = new ArrayList<>();
        amqp.host()
                .resources()
                .subscribe(SubscribeRequest.every(TopicFilter.of("to/others"), Start.NOW), new Subscriber() {
                    @Override
                    public void onChange(Change change, Reason reason) {
                        seen.add(change);
                    }

                    @Override
                    public void onClosed(ResourceException reason) {}
                })
                .request(10);
        connection
                .openSender("to/others")
                .send(AdvancedMessage.create()
                        .addBodySection(new AmqpValue<>(new HashMap<>(Map.of("temp", 21))))
                        .replyTo("answers/1")
                        .correlationId("c-1")
                        .property("color", "red")
                        .property("weight", 5))
                .awaitAccepted(10, java.util.concurrent.TimeUnit.SECONDS);

        Change change = seen.getFirst();
        Content content = change.content().orElseThrow();
        assertThat(content.mediaType()).isEqualTo(MediaType.JSON);
        assertThat(new String(content.toByteArray(), StandardCharsets.UTF_8)).isEqualTo("{\"temp\":21}");
        assertThat(change.properties().text(Properties.REPLY_TO)).contains("answers/1");
        assertThat(change.properties().binary(Properties.CORRELATION)).contains("c-1".getBytes(StandardCharsets.UTF_8));
        assertThat(change.properties().text("color")).contains("red");
        assertThat(change.properties().text("weight")).contains("5");
        assertThat(change.source()).isEqualTo("first");
    }

    @Test
    void ttlBecomesExpiry() throws Exception {
        connection
                .openSender("expiring/1")
                .send(Message.create("x").timeToLive(60_000).annotation("x-opt-millrace-op", "put"))
                .awaitAccepted(10, java.util.concurrent.TimeUnit.SECONDS);

        assertThat(amqp.host().record("expiring/1").orElseThrow().expiresAt())
                .isBetween(Instant.now().plusSeconds(30), Instant.now().plusSeconds(61));
    }
}
