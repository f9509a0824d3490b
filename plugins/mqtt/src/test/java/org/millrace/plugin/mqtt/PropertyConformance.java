package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.join;
import static org.millrace.plugin.mqtt.Packets.packet;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.publish5;
import static org.millrace.plugin.mqtt.Packets.subscribe5;
import static org.millrace.plugin.mqtt.Packets.u16;
import static org.millrace.plugin.mqtt.Packets.u32;
import static org.millrace.plugin.mqtt.Packets.userProperty;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.time.Duration;
import java.util.Arrays;
import org.millrace.plugin.mqtt.ConformanceCheck.Chapter;
import org.millrace.testkit.RawPeer;

/** Properties of MQTT 5 that travel with a message, topic aliases, and what a client asks for in CONNECT. */
final class PropertyConformance {
    private PropertyConformance() {}

    static void add(Chapter c) {
        passedOn(c);
        aliases(c);
        sizes(c);
        reasons(c);
    }

    /** What is sent with these properties arrives with the same, byte by byte. */
    private static void unaltered(Dialect d, byte[] properties) {
        try (RawPeer s = d.subscriber("s", d.topic(), 0);
                RawPeer p = d.client("p")) {
            p.send(publish5(0, d.topic(), 0, properties, "word"));
            s.expect(publish5(0, d.topic(), 0, properties, "word"));
        }
    }

    private static void passedOn(Chapter c) {
        c.five("3.3.2-4", "payload format indicators 0 and 1 arrive as they were sent", d -> {
            unaltered(d, properties(property(0x01, bytes(0))));
            unaltered(d, properties(property(0x01, bytes(1))));
        });
        c.five("3.3.2-5", "a message whose time ran out while its client was away does not come", d -> {
            try (RawPeer s = d.lasting("s", false)) {
                s.send(d.subscribe(1, d.topic(), 1))
                        .expect(d.suback(1, 1))
                        .send(Packets.DISCONNECT)
                        .expectClosed();
            }
            try (RawPeer p = d.client("p")) {
                p.send(publish5(0x02, d.topic(), 1, properties(property(0x02, u32(1))), "brief"));
                d.expectAck(p, Dialect.PUBACK, 1);
                p.expectSilence(Duration.ofMillis(1100));
                d.published(p, 0, d.topic(), 2, "lasting");
            }
            d.lasting("s", true)
                    .expect(d.publish(0x02, d.topic(), 1, "lasting"))
                    .close();
        });
        c.five("3.3.2-6", "the message expiry interval is less by the time waited", d -> {
            try (RawPeer p = d.client("p")) {
                p.send(publish5(0x03, d.topic(), 1, properties(property(0x02, u32(1000))), "x"));
                d.expectAck(p, Dialect.PUBACK, 1);
                p.expectSilence(Duration.ofMillis(1100));
            }
            try (RawPeer s = d.subscriber("s", d.topic(), 0)) {
                byte[] publish = MqttHost.packet(s);
                int at = 4 + d.topic().length() + 2;
                int left = (publish[at] & 0xff) << 24
                        | (publish[at + 1] & 0xff) << 16
                        | (publish[at + 2] & 0xff) << 8
                        | publish[at + 3] & 0xff;
                assertThat(left).isBetween(900, 999);
            }
        });
        c.five(
                "3.3.2-15",
                "a response topic arrives as it was sent",
                d -> unaltered(d, properties(property(0x08, utf("answers/here")))));
        c.five(
                "3.3.2-16",
                "correlation data arrives as it was sent",
                d -> unaltered(d, properties(property(0x09, join(u16(3), bytes(0, 255, 7))))));
        c.five(
                "3.3.2-17",
                "user properties arrive as they were sent, the same name twice included",
                d -> unaltered(d, properties(userProperty("k", "v"), userProperty("k", "w"), userProperty("", ""))));
        c.five(
                "3.3.2-18",
                "user properties arrive in their order",
                d -> unaltered(d, properties(userProperty("z", "1"), userProperty("a", "2"), userProperty("m", "3"))));
        c.five("3.3.2-20", "a content type arrives as it was sent, whether it is a media type or not", d -> {
            unaltered(d, properties(property(0x03, utf("text/plain; charset=utf-8"))));
            unaltered(d, properties(property(0x03, utf("My own Type"))));
        });
        c.five(
                "3.3.2-13",
                "an ill-formed response topic closes",
                d -> d.breach(0x81, publish5(0, "a", 0, properties(property(0x08, Dialect.illFormed())), "x")));
        c.five(
                "3.3.2-14",
                "a response topic with a wildcard closes",
                d -> d.breach(0x82, publish5(0, "a", 0, properties(property(0x08, utf("b/+"))), "x")));
        c.five(
                "3.3.2-19",
                "an ill-formed content type closes",
                d -> d.breach(0x81, publish5(0, "a", 0, properties(property(0x03, Dialect.illFormed())), "x")));
        c.five(
                "3.3.4-6",
                "a subscription identifier in a client's PUBLISH closes",
                d -> d.breach(0x81, publish5(0, "a", 0, properties(bytes(0x0B, 1)), "x")));
    }

    private static void aliases(Chapter c) {
        c.five("3.3.2-7", "an alias of an earlier connection is unknown", d -> {
            byte[] alias = properties(property(0x23, u16(1)));
            try (RawPeer p = d.lasting("p", false)) {
                p.send(publish5(0, d.topic(), 0, alias, "x"));
                d.alive(p);
            }
            try (RawPeer p = d.lasting("p", true)) {
                d.expectEnd(p.send(publish5(0, "", 0, alias, "x")), 0x82);
            }
        });
        c.five(
                "3.3.2-8",
                "topic alias 0 closes",
                d -> d.breach(0x94, publish5(0, "a", 0, properties(property(0x23, u16(0))), "x")));
        c.five(
                "3.3.2-9",
                "a topic alias beyond the maximum of 64 closes",
                d -> d.breach(0x94, publish5(0, "a", 0, properties(property(0x23, u16(65))), "x")));
        c.five("3.3.2-12", "aliases 1 and 64 are accepted", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.client("p")) {
                for (int alias : new int[] {1, 64}) {
                    byte[] properties = properties(property(0x23, u16(alias)));
                    p.send(publish5(0, d.topic(), 0, properties, "x"));
                    p.send(publish5(0, "", 0, properties, "y"));
                    s.expect(d.publish(0, d.topic(), 0, "x")).expect(d.publish(0, d.topic(), 0, "y"));
                }
            }
        });
        c.five("3.1.2-27", "a client that gave no maximum gets whole topics only", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.client("p")) {
                for (int i = 0; i < 3; i++) {
                    p.send(d.publish(0, d.topic(), 0, "x"));
                    s.expect(d.publish(0, d.topic(), 0, "x"));
                }
            }
        });
        for (String id : new String[] {"3.1.2-26", "3.3.2-11"}) {
            c.five(id, "a client with a maximum of 1 gets alias 1 or whole topics", d -> {
                try (RawPeer s = d.mqtt().client5(d.id("s"), property(0x22, u16(1)));
                        RawPeer p = d.client("p")) {
                    s.send(d.subscribe(1, d.topic() + "/#", 0)).expect(d.suback(1, 0));
                    for (String leaf : new String[] {"/1", "/2", "/1", "/2"}) {
                        p.send(d.publish(0, d.topic() + leaf, 0, "x"));
                    }
                    int aliased = 0;
                    for (int i = 0; i < 4; i++) {
                        byte[] publish = MqttHost.packet(s);
                        int topicLength = publish[3];
                        if (publish[4 + topicLength] != 0) {
                            aliased++;
                            byte[] number = Arrays.copyOfRange(publish, 6 + topicLength, 8 + topicLength);
                            assertThat(number).isEqualTo(u16(1));
                        }
                    }
                    assertThat(aliased).isPositive();
                }
            });
        }
    }

    private static void sizes(Chapter c) {
        for (String id : new String[] {"3.1.2-24", "3.1.2-25"}) {
            c.five(id, "a message beyond the client's maximum packet size is left out, the next one comes", d -> {
                try (RawPeer s = d.mqtt().client5(d.id("s"), property(0x27, u32(60)));
                        RawPeer p = d.client("p")) {
                    s.send(d.subscribe(1, d.topic(), 1)).expect(d.suback(1, 1));
                    d.published(p, 0, d.topic(), 1, "x".repeat(60));
                    d.published(p, 0, d.topic(), 2, "small");
                    s.expect(d.publish(0x02, d.topic(), 1, "small"));
                }
            });
        }
        byte[] bad = publish5(0x02, "a", 1, properties(property(0x03, utf("application/json"))), "{");
        reasonLeftOut(c, "3.4.2-2", "PUBACK", bad, packet(0x40, u16(1), bytes(0x99, 0)));
        reasonLeftOut(
                c,
                "3.5.2-2",
                "PUBREC",
                publish5(0x04, "a", 1, properties(property(0x03, utf("application/json"))), "{"),
                packet(0x50, u16(1), bytes(0x99, 0)));
        reasonLeftOut(
                c, "3.9.2-1", "SUBACK", subscribe5(1, properties(), "a#", 0), packet(0x90, u16(1), bytes(0, 0x8F)));
        reasonLeftOut(
                c,
                "3.11.2-1",
                "UNSUBACK",
                packet(0xA2, u16(1), bytes(0), utf("a#")),
                packet(0xB0, u16(1), bytes(0, 0x8F)));
        reasonLeftOut(c, "3.14.2-3", "DISCONNECT", bytes(0xF0, 0), packet(0xE0, bytes(0x82)));
    }

    /** The same answer with and without a reason string, to clients that take large and small packets. */
    private static void reasonLeftOut(Chapter c, String id, String name, byte[] request, byte[] bare) {
        c.five(id, name + " to a client that takes small packets has no reason string, to others it has", d -> {
            try (RawPeer small = d.mqtt().client5(d.id("small"), property(0x27, u32(16)));
                    RawPeer large = d.mqtt().client5(d.id("large"))) {
                small.send(request);
                byte[] answer = MqttHost.packet(small);
                assertThat(answer[0]).isEqualTo(bare[0]);
                assertThat(answer.length).as("without reason").isLessThanOrEqualTo(bare.length + 1);
                assertThat(MqttHost.packet(large.send(request)).length)
                        .as("with reason")
                        .isGreaterThan(16);
            }
        });
    }

    private static void reasons(Chapter c) {
        c.five("3.1.2-28", "CONNACK has no response information", d -> {
            try (RawPeer p = d.mqtt().peer().send(d.connect(2, 60, utf(d.id("c"))))) {
                assertThat(MqttHost.packet(p)[4])
                        .as("length of three properties")
                        .isEqualTo((byte) 11);
            }
        });
        c.five("3.1.2-29", "without problem information SUBACK and PUBACK that refuse have no reason string", d -> {
            try (RawPeer p = d.client("c")) {
                p.send(d.subscribe(1, "a#", 0)).expect(d.suback(1, 0x8F));
                p.send(publish5(0x02, "a", 1, properties(property(0x03, utf("application/json"))), "{"));
                assertThat(MqttHost.packet(p).length).isLessThanOrEqualTo(6);
            }
        });
    }
}
