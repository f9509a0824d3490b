package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.acknowledgement;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.publish5;
import static org.millrace.plugin.mqtt.Packets.subscribe5;
import static org.millrace.plugin.mqtt.Packets.u32;
import static org.millrace.plugin.mqtt.Packets.userProperty;

import java.nio.charset.StandardCharsets;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.testkit.ContentRules;
import org.millrace.testkit.InMemoryHost;
import org.millrace.testkit.RawPeer;

/** The user property {@code query} of SUBSCRIBE. */
class LiveQueryTest {
    private static final byte[] TEXT_TYPE = property(0x03, Packets.utf("text/plain"));

    private MqttHost mqtt;

    /** The query is a word that the content has to contain. */
    private static final ContentRules WORDS = new ContentRules() {
        @Override
        public BiPredicate<Path, Content> condition(String query) {
            if (query.startsWith("!")) {
                throw new ResourceException(ErrorCode.INVALID, "expected a word at position 1, found '!'");
            }
            return (path, content) -> new String(content.toByteArray(), StandardCharsets.UTF_8).contains(query);
        }
    };

    @BeforeEach
    void start() throws Exception {
        mqtt = MqttHost.start(InMemoryHost.Options.DEFAULT.withRules(WORDS), "content", "opaque");
    }

    @AfterEach
    void stop() throws Exception {
        mqtt.close();
    }

    private void put(RawPeer publisher, String topic, String payload) {
        publisher.send(publish5(0x03, topic, 1, properties(TEXT_TYPE), payload));
        MqttHost.packet(publisher);
    }

    private static byte[] shown(int flags, String topic, String reason, String payload) {
        byte[] properties = reason.isEmpty()
                ? properties(TEXT_TYPE)
                : payload.isEmpty()
                        ? properties(userProperty("reason", reason))
                        : properties(userProperty("reason", reason), TEXT_TYPE);
        return publish5(flags, topic, 0, properties, payload);
    }

    private static RawPeer query(RawPeer peer, String filter, String query) {
        return peer.send(subscribe5(1, properties(userProperty("query", query)), filter, 0));
    }

    @Test
    void aClientSeesWhatSatisfiesTheQueryAndThenWhatEntersAndLeaves() {
        try (RawPeer publisher = mqtt.client5("p");
                RawPeer peer = mqtt.client5("c")) {
            put(publisher, "a/1", "warm");
            put(publisher, "a/2", "cold");

            query(peer, "a/#", "warm").expectHex("90 04 00 01 00 00").expect(shown(1, "a/1", "", "warm"));

            put(publisher, "a/2", "warm now");
            peer.expect(shown(0, "a/2", "enter", "warm now"));
            put(publisher, "a/2", "warmer");
            peer.expect(shown(0, "a/2", "update", "warmer"));
            put(publisher, "a/3", "cold");
            put(publisher, "a/1", "cold");
            peer.expect(shown(0, "a/1", "leave", ""));
            put(publisher, "a/2", "");
            peer.expect(shown(0, "a/2", "leave", ""));
        }
    }

    @Test
    void aQueryThatCannotBeReadIsRefusedWithThePlaceOfTheMistake() {
        try (RawPeer peer = mqtt.client5("c")) {
            byte[] suback = MqttHost.packet(query(peer, "a/#", "!"));

            assertThat(suback[suback.length - 1]).isEqualTo((byte) 0x83);
            assertThat(new String(suback, StandardCharsets.UTF_8)).contains("at position 1");
        }
    }

    @Test
    void aRefusedQueryLeavesTheSubscriptionItWasToReplace() {
        try (RawPeer publisher = mqtt.client5("p");
                RawPeer peer = mqtt.client5("c")) {
            query(peer, "a/#", "warm").expectHex("90 04 00 01 00 00");
            MqttHost.packet(query(peer, "a/#", "!"));

            put(publisher, "a/1", "warm");

            peer.expect(shown(0, "a/1", "enter", "warm"));
        }
    }

    @Test
    void anotherQueryForTheSameFilterTakesThePlaceOfTheFirst() {
        try (RawPeer publisher = mqtt.client5("p");
                RawPeer peer = mqtt.client5("c")) {
            query(peer, "a/#", "warm").expectHex("90 04 00 01 00 00");
            query(peer, "a/#", "cold").expectHex("90 04 00 01 00 00");

            put(publisher, "a/1", "warm");
            put(publisher, "a/2", "cold");

            peer.expect(shown(0, "a/2", "enter", "cold"));
        }
    }

    @Test
    void aSharedSubscriptionMayHaveNoQuery() {
        try (RawPeer peer = mqtt.client5("c")) {
            byte[] suback = MqttHost.packet(query(peer, "$share/g/a/#", "warm"));

            assertThat(suback[suback.length - 1]).isEqualTo((byte) 0x83);
        }
    }

    @Test
    void aLiveQueryGoesOnWithItsSession() {
        byte[] expiry = property(0x11, u32(100));
        try (RawPeer publisher = mqtt.client5("p")) {
            try (RawPeer first = mqtt.client5("c", expiry)) {
                first.send(subscribe5(1, properties(userProperty("query", "warm")), "a/#", 1))
                        .expectHex("90 04 00 01 00 01");
                first.send(Packets.DISCONNECT).expectClosed(); // or the server might still send to it
            }
            put(publisher, "a/1", "warm");
            put(publisher, "a/2", "cold");
            try (RawPeer second = mqtt.peer().send(Packets.connect5("c", 0, properties(expiry)))) {
                MqttHost.packet(second);
                second.expect(publish5(0x02, "a/1", 1, properties(userProperty("reason", "enter"), TEXT_TYPE), "warm"))
                        .send(acknowledgement(0x40, 1));
                second.expect(publish5(0x02, "a/2", 2, properties(userProperty("reason", "leave")), ""))
                        .send(acknowledgement(0x40, 2));
                assertThat(second.send(Packets.PINGREQ).read(2)).isEqualTo(bytes(0xD0, 0));
            }
        }
    }
}
