package org.millrace.plugin.amqp.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.AmqpSequence;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Footer;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.messaging.Section;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.plugin.amqp.ContentPolicy;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;
import org.millrace.testkit.InMemoryHost;

/** Whatever bytes a message is made of, it is refused, or it is a message again on its way out. */
class MessageFuzzTest {
    private static final int ROUNDS = 30_000;
    /** Another one tries other messages. */
    private static final long SEED = Long.getLong("amqp.fuzz.seed", 1);

    private final InMemoryHost host = InMemoryHost.create();
    private final DecoderImpl decoder = new DecoderImpl();
    private final MessageMapping mapping = new MessageMapping(host.contents(), ContentPolicy.AUTO, Clock.systemUTC());

    MessageFuzzTest() {
        AMQPDefinedTypes.registerAllTypes(decoder, new EncoderImpl(decoder));
        decoder.setZeroWidthArrayElementLimit(1000);
    }

    @AfterEach
    void close() throws Exception {
        host.close();
    }

    private static byte[] message(Section body) {
        Message message = Proton.message();
        message.setDurable(true);
        message.setPriority((short) 7);
        message.setTtl(60_000);
        message.setMessageAnnotations(new MessageAnnotations(
                Map.of(Symbol.valueOf("x-opt-own"), "kept", Symbol.valueOf("x-opt-offset"), "set by the server anew")));
        message.setMessageId(UUID.randomUUID());
        message.setSubject("subject");
        message.setReplyTo("replies/1");
        message.setCorrelationId(new Binary(new byte[] {1, 2, 3}));
        message.setContentType("application/json");
        message.setApplicationProperties(new ApplicationProperties(
                Map.of("text", "value", "number", 5L, "when", new Date(), "small", UnsignedInteger.valueOf(3))));
        message.setBody(body);
        message.setFooter(new Footer(Map.of(Symbol.valueOf("x-end"), 1)));
        byte[] bytes = new byte[4096];
        return Arrays.copyOf(bytes, message.encode(bytes, 0, bytes.length));
    }

    private static List<byte[]> messages() {
        List<byte[]> messages = new ArrayList<>();
        messages.add(message(new Data(new Binary("{\"a\":[1,2,{\"b\":null}]}".getBytes()))));
        messages.add(message(new AmqpValue("{\"text\":\"ü\"}")));
        messages.add(message(new AmqpValue(Map.of("list", List.of(1, 2.5, 'c', true), "map", Map.of("x", "y")))));
        messages.add(message(new AmqpSequence(List.of(1L, "two", new Binary(new byte[] {3})))));
        return messages;
    }

    private static byte[] mutated(byte[] message, Random random) {
        byte[] bytes = message.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return switch (random.nextInt(4)) {
            case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
            case 1 -> Arrays.copyOfRange(bytes, random.nextInt(bytes.length), bytes.length);
            default -> bytes;
        };
    }

    /** Gives false if the message is refused. */
    private boolean passes(byte[] bytes) {
        MessageMapping.Asked asked;
        try {
            asked = mapping.map(IncomingMessage.decode(decoder, bytes), Operation.PUBLISH, Durability.TABLE, false);
        } catch (ResourceException refused) {
            return false;
        }
        Change change = Change.of(ChangeKind.EVENT, Path.of("a/b"), Version.NONE, new Cursor(1, 1))
                .content(asked.content())
                .properties(asked.options().properties())
                .expiresAt(asked.options().expiresAt())
                .build();
        for (OutgoingMessage out : List.of(OutgoingMessage.of(change), OutgoingMessage.of(change, MediaType.CBOR))) {
            assertThat(out.header(1, Clock.systemUTC().instant())).isNotEmpty();
            IncomingMessage.decode(decoder, out.rest());
        }
        return true;
    }

    @Test
    void mutatedMessagesAreRefusedOrGoOutWellFormed() {
        Random random = new Random(SEED);
        List<byte[]> messages = messages();
        assertThat(messages).allMatch(this::passes);
        int passed = 0;
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = mutated(messages.get(random.nextInt(messages.size())), random);
            try {
                if (passes(bytes)) {
                    passed++;
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "seed " + SEED + ", round " + i + ": "
                                + java.util.HexFormat.of().formatHex(bytes),
                        e);
            }
        }
        assertThat(passed).as("seed %d", SEED).isBetween(ROUNDS / 100, ROUNDS - ROUNDS / 100);
    }

    @Test
    void randomBytesAreRefusedOrGoOutWellFormed() {
        Random random = new Random(SEED);
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            if (bytes.length > 2 && random.nextBoolean()) {
                bytes[0] = 0;
                bytes[1] = 0x53;
                bytes[2] = (byte) (0x70 + random.nextInt(9));
            }
            try {
                passes(bytes);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "seed " + SEED + ", round " + i + ": "
                                + java.util.HexFormat.of().formatHex(bytes),
                        e);
            }
        }
    }
}
