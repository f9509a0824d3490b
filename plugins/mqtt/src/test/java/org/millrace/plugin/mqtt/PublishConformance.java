package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.acknowledgement;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.packet;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.publish5;
import static org.millrace.plugin.mqtt.Packets.raw;
import static org.millrace.plugin.mqtt.Packets.u16;
import static org.millrace.plugin.mqtt.Packets.u32;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.time.Duration;
import org.millrace.plugin.mqtt.ConformanceCheck.Chapter;
import org.millrace.testkit.RawPeer;

/** PUBLISH and its acknowledgements (sections 3.3 to 3.7) and the delivery protocols (section 4.3). */
final class PublishConformance {
    private PublishConformance() {}

    static void add(Chapter c) {
        flags(c);
        retained(c);
        topics(c);
        senders(c);
        receivers(c);
    }

    private static void flags(Chapter c) {
        c.both("3.3.1-1", "3.3.1-1", "a message that is sent again has DUP", d -> {
            try (RawPeer s = d.lasting("s", false);
                    RawPeer p = d.client("p")) {
                s.send(d.subscribe(1, d.topic(), 1)).expect(d.suback(1, 1));
                d.published(p, 0, d.topic(), 1, "x");
                s.expect(d.publish(0x02, d.topic(), 1, "x")).reset();
            }
            d.lasting("s", true).expect(d.publish(0x0A, d.topic(), 1, "x")).close();
        });
        c.both("3.3.1-2", "3.3.1-2", "DUP at QoS 0 closes", d -> d.breach(0x81, d.publish(0x08, "a", 0, "x")));
        c.both("3.3.1-3", "3.3.1-3", "a message that came with DUP goes out without", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 1);
                    RawPeer p = d.client("p")) {
                d.published(p, 0x08, d.topic(), 1, "x");
                s.expect(d.publish(0x02, d.topic(), 1, "x"));
            }
        });
        c.both(
                "3.3.1-4",
                "3.3.1-4",
                "QoS 3 closes",
                d -> d.breach(0x81, packet(0x36, utf("a"), u16(1), d.isFive() ? properties() : bytes())));
    }

    private static void retained(Chapter c) {
        c.both("3.3.1-5", "3.3.1-5", "the newest retained message is stored, with its QoS", d -> {
            try (RawPeer p = d.client("p")) {
                d.published(p, 1, d.topic(), 1, "old");
                d.published(p, 1, d.topic(), 2, "new");
            }
            d.subscriber("s", d.topic(), 2)
                    .expect(d.publish(0x03, d.topic(), 1, "new"))
                    .close();
        });
        c.four("3.3.1-7", "a retained QoS 0 message replaces one of QoS 1", d -> {
            try (RawPeer p = d.client("p")) {
                d.published(p, 1, d.topic(), 1, "old");
                p.send(d.publish(1, d.topic(), 0, "new"));
                d.published(p, 0, d.topic() + "/z", 3, "behind it");
            }
            d.subscriber("s", d.topic(), 2)
                    .expect(d.publish(1, d.topic(), 0, "new"))
                    .close();
        });
        c.both("3.3.1-6", "3.3.1-10", "an empty retained message is delivered and removes what was retained", d -> {
            try (RawPeer p = d.client("p")) {
                d.published(p, 1, d.topic(), 1, "old");
                try (RawPeer s = d.subscriber("s", d.topic(), 0)) {
                    s.expect(d.publish(1, d.topic(), 0, "old"));
                    d.published(p, 1, d.topic(), 2, "");
                    s.expect(d.publish(0, d.topic(), 0, ""));
                }
            }
            nothingRetained(d);
        });
        c.both("3.3.1-7", "3.3.1-11", "an empty retained message is not stored", d -> {
            try (RawPeer p = d.client("p")) {
                d.published(p, 1, d.topic(), 1, "");
            }
            nothingRetained(d);
        });
        c.both("3.3.1-8", "3.3.1-12", "a message without RETAIN neither stores nor replaces", d -> {
            try (RawPeer p = d.client("p")) {
                d.published(p, 0, d.topic(), 1, "live");
                nothingRetained(d);
                d.published(p, 1, d.topic(), 2, "kept");
                d.published(p, 0, d.topic(), 3, "live");
                d.published(p, 0, d.topic(), 4, "");
            }
            d.subscriber("s", d.topic(), 0)
                    .expect(d.publish(1, d.topic(), 0, "kept"))
                    .close();
        });
        for (String id : new String[] {"3.3.1-6", "3.3.1-8"}) {
            c.four(id, "a new subscription gets the retained message with RETAIN 1", d -> {
                try (RawPeer p = d.client("p")) {
                    d.published(p, 1, d.topic(), 1, "kept");
                }
                d.subscriber("s", d.topic(), 0)
                        .expect(d.publish(1, d.topic(), 0, "kept"))
                        .close();
            });
        }
        c.both("3.3.1-12", "3.3.1-9", "a live message has RETAIN 0 though it came with RETAIN 1", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.client("p")) {
                d.published(p, 1, d.topic(), 1, "x");
                s.expect(d.publish(0, d.topic(), 0, "x"));
            }
        });
        c.five("3.3.1-13", "with retain as published a live message has RETAIN as it came", d -> {
            try (RawPeer s = d.client("s");
                    RawPeer p = d.client("p")) {
                s.send(d.subscribe(1, d.topic(), 0x08)).expect(d.suback(1, 0));
                d.published(p, 1, d.topic(), 1, "x");
                d.published(p, 0, d.topic(), 2, "y");
                s.expect(d.publish(1, d.topic(), 0, "x")).expect(d.publish(0, d.topic(), 0, "y"));
            }
        });
        retainHandling(c);
    }

    private static void nothingRetained(Dialect d) {
        try (RawPeer late = d.subscriber("late", d.topic(), 0)) {
            d.alive(late);
            late.expectSilence(Duration.ofMillis(30));
        }
    }

    private static void retainHandling(Chapter c) {
        c.five("3.3.1-9", "retain handling 0 sends retained messages each time", d -> {
            try (RawPeer s = kept(d, 0)) {
                s.expect(d.publish(1, d.topic(), 0, "kept"));
                s.send(d.subscribe(2, d.topic(), 0)).expect(d.suback(2, 0)).expect(d.publish(1, d.topic(), 0, "kept"));
            }
        });
        c.five("3.3.1-10", "retain handling 1 sends retained messages the first time only", d -> {
            try (RawPeer s = kept(d, 0x10)) {
                s.expect(d.publish(1, d.topic(), 0, "kept"));
                s.send(d.subscribe(2, d.topic(), 0x10)).expect(d.suback(2, 0));
                d.alive(s);
                s.expectSilence(Duration.ofMillis(30));
            }
        });
        c.five("3.3.1-11", "retain handling 2 sends no retained messages", d -> {
            try (RawPeer s = kept(d, 0x20)) {
                d.alive(s);
                s.expectSilence(Duration.ofMillis(30));
            }
        });
    }

    private static RawPeer kept(Dialect d, int options) {
        try (RawPeer p = d.client("p")) {
            d.published(p, 1, d.topic(), 1, "kept");
        }
        return d.client("s").send(d.subscribe(1, d.topic(), options)).expect(d.suback(1, 0));
    }

    private static void topics(Chapter c) {
        c.both("3.3.2-1", "3.3.2-1", "a PUBLISH whose topic is ill-formed or exceeds the packet closes", d -> {
            d.breach(0x81, packet(0x30, Dialect.illFormed(), d.isFive() ? properties() : bytes()));
            d.breach(0x81, packet(0x30, u16(9), raw("a")));
        });
        c.both(
                "3.3.2-2",
                "3.3.2-2",
                "a topic with a wildcard closes",
                d -> d.breach(0x90, d.publish(0, "a/+", 0, "x")));
        c.both("3.3.2-3", "3.3.2-3", "a subscriber gets the topic that was published, which its filter matches", d -> {
            try (RawPeer s = d.subscriber("s", d.topic() + "/+/c", 0);
                    RawPeer p = d.client("p")) {
                p.send(d.publish(0, d.topic() + "/b/d", 0, "no"));
                p.send(d.publish(0, d.topic() + "/b/c", 0, "yes"));
                s.expect(d.publish(0, d.topic() + "/b/c", 0, "yes"));
            }
        });
        c.both("3.3.4-1", "3.3.4-1", "QoS 0, 1 and 2 are answered with nothing, PUBACK and PUBREC", d -> {
            try (RawPeer p = d.client("p")) {
                p.send(d.publish(0, d.topic(), 0, "x"));
                d.published(p, 0, d.topic(), 1, "x");
                p.send(d.publish(0x04, d.topic(), 2, "x"));
                d.expectAck(p, Dialect.PUBREC, 2);
            }
        });
        c.four("3.3.5-2", "a message that is not authorised is acknowledged and not delivered", d -> {
            try (RawPeer s = d.subscriber("s", "$sys/#", 0);
                    RawPeer p = d.client("p")) {
                p.send(d.publish(0x02, "$sys/" + d.id("p"), 1, "x")).expect(acknowledgement(0x40, 1));
                d.alive(p);
            }
        });
    }

    private static void senders(Chapter c) {
        c.both("4.3.1-1", "4.3.1-1", "a QoS 0 message goes out with QoS 0 and DUP 0", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 2);
                    RawPeer p = d.client("p")) {
                p.send(d.publish(0, d.topic(), 0, "x"));
                s.expect(d.publish(0, d.topic(), 0, "x"));
            }
        });
        for (String id : new String[] {"4.3.2-1", "4.3.2-2"}) {
            c.five(id, "QoS 1 messages go out with packet identifiers 1 and 2 and DUP 0", d -> outgoing(d, 1));
        }
        for (String id : new String[] {"4.3.3-1", "4.3.3-2"}) {
            c.five(id, "QoS 2 messages go out with packet identifiers 1 and 2 and DUP 0", d -> outgoing(d, 2));
        }
        c.both("4.3.2-3", "4.3.2-1", "a QoS 1 message is sent again until PUBACK, and not after", d -> {
            unanswered(d, 1, 1).reset();
            RawPeer again = d.lasting("s", true).expect(d.publish(0x0A, d.topic(), 1, "x"));
            again.send(acknowledgement(0x40, 1));
            d.alive(again);
            again.reset();
            nothingMore(d);
        });
        c.five("4.3.3-3", "a QoS 2 message is sent again until PUBREC", d -> {
            unanswered(d, 2, 1).reset();
            d.lasting("s", true).expect(d.publish(0x0C, d.topic(), 1, "x")).close();
        });
        c.five(
                "4.3.3-4",
                "PUBREC is answered with PUBREL of the packet identifier",
                d -> unanswered(d, 2, 1)
                        .send(acknowledgement(0x50, 1))
                        .expect(acknowledgement(0x62, 1))
                        .close());
        c.five("4.3.3-5", "PUBREL is sent again until PUBCOMP, and not after", PublishConformance::released);
        c.both("4.3.3-6", "4.3.3-1", "once PUBREL was sent only PUBREL is sent again", PublishConformance::released);
        c.five("3.6.2-1", "PUBREL has no reason code, or 0x92 for an unknown packet identifier", d -> {
            unanswered(d, 2, 1)
                    .send(acknowledgement(0x50, 1))
                    .expect(acknowledgement(0x62, 1))
                    .close();
            try (RawPeer p = d.client("p")) {
                p.send(acknowledgement(0x50, 77)).expectHex("62 03 00 4d 92");
            }
        });
        c.five("4.3.3-7", "a QoS 2 message that was sent is sent again though it has expired", d -> {
            try (RawPeer s = d.lasting("s", false);
                    RawPeer p = d.client("p")) {
                s.send(d.subscribe(1, d.topic(), 2)).expect(d.suback(1, 2));
                p.send(publish5(0x04, d.topic(), 1, properties(property(0x02, u32(1))), "x"));
                d.expectAck(p, Dialect.PUBREC, 1);
                s.readUntil("x");
                s.expectSilence(Duration.ofMillis(1100));
                s.reset();
            }
            assertThat(MqttHost.packet(d.lasting("s", true))[0]).isEqualTo((byte) 0x3C);
        });
    }

    private static void outgoing(Dialect d, int qos) {
        try (RawPeer s = d.subscriber("s", d.topic(), qos);
                RawPeer p = d.client("p")) {
            p.send(d.publish(qos << 1, d.topic(), 9, "x"));
            p.send(d.publish(qos << 1, d.topic(), 10, "y"));
            s.expect(d.publish(qos << 1, d.topic(), 1, "x")).expect(d.publish(qos << 1, d.topic(), 2, "y"));
        }
    }

    private static RawPeer unanswered(Dialect d, int qos, int packetId) {
        RawPeer s = d.lasting("s", false);
        try (RawPeer p = d.client("p")) {
            s.send(d.subscribe(1, d.topic(), qos)).expect(d.suback(1, qos));
            p.send(d.publish(qos << 1, d.topic(), 1, "x"));
            d.expectAck(p, qos == 1 ? Dialect.PUBACK : Dialect.PUBREC, 1);
        }
        return s.expect(d.publish(qos << 1, d.topic(), packetId, "x"));
    }

    private static void nothingMore(Dialect d) {
        try (RawPeer s = d.lasting("s", true)) {
            d.alive(s);
            s.expectSilence(Duration.ofMillis(30));
        }
    }

    private static void released(Dialect d) {
        unanswered(d, 2, 1)
                .send(acknowledgement(0x50, 1))
                .expect(acknowledgement(0x62, 1))
                .reset();
        RawPeer again = d.lasting("s", true).expect(acknowledgement(0x62, 1));
        again.send(acknowledgement(0x70, 1));
        d.alive(again);
        again.reset();
        nothingMore(d);
    }

    private static void receivers(Chapter c) {
        c.five("4.3.2-4", "a QoS 1 message is answered with PUBACK", d -> {
            try (RawPeer p = d.client("p")) {
                d.published(p, 0, d.topic(), 5, "x");
            }
        });
        c.both("4.3.2-5", "4.3.2-2", "the packet identifier of an acknowledged QoS 1 message is a new message", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.client("p")) {
                d.published(p, 0, d.topic(), 5, "x");
                d.published(p, 0x08, d.topic(), 5, "x");
                s.expect(d.publish(0, d.topic(), 0, "x")).expect(d.publish(0, d.topic(), 0, "x"));
            }
        });
        c.five("4.3.3-8", "a QoS 2 message is answered with PUBREC", d -> {
            try (RawPeer p = d.client("p")) {
                p.send(d.publish(0x04, d.topic(), 5, "x"));
                d.expectAck(p, Dialect.PUBREC, 5);
            }
        });
        c.five("4.3.3-9", "after a refusing PUBREC the packet identifier is a new message", d -> {
            byte[] bad = properties(property(0x03, utf("application/json")));
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.client("p")) {
                p.send(publish5(0x04, d.topic(), 5, bad, "{")).expectHex("50 03 00 05 99");
                p.send(d.publish(0x0C, d.topic(), 5, "good"));
                d.expectAck(p, Dialect.PUBREC, 5);
                s.expect(d.publish(0, d.topic(), 0, "good"));
            }
        });
        c.both("4.3.3-10", "4.3.3-2", "the same QoS 2 message again before PUBREL is delivered once", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.client("p")) {
                p.send(d.publish(0x04, d.topic(), 5, "x"));
                d.expectAck(p, Dialect.PUBREC, 5);
                p.send(d.publish(0x0C, d.topic(), 5, "x"));
                d.expectAck(p, Dialect.PUBREC, 5);
                p.send(acknowledgement(0x62, 5)).expect(acknowledgement(0x70, 5));
                p.send(d.publish(0, d.topic(), 0, "end"));
                s.expect(d.publish(0, d.topic(), 0, "x")).expect(d.publish(0, d.topic(), 0, "end"));
            }
        });
        c.five("4.3.3-11", "PUBREL is answered with PUBCOMP", d -> {
            try (RawPeer p = d.client("p")) {
                p.send(d.publish(0x04, d.topic(), 5, "x"));
                d.expectAck(p, Dialect.PUBREC, 5);
                p.send(acknowledgement(0x62, 5)).expect(acknowledgement(0x70, 5));
            }
        });
        c.five("4.3.3-12", "after PUBCOMP the packet identifier is a new message", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.client("p")) {
                for (int i = 0; i < 2; i++) {
                    p.send(d.publish(0x04, d.topic(), 5, "x"));
                    d.expectAck(p, Dialect.PUBREC, 5);
                    p.send(acknowledgement(0x62, 5)).expect(acknowledgement(0x70, 5));
                    s.expect(d.publish(0, d.topic(), 0, "x"));
                }
            }
        });
        c.five("4.3.3-13", "PUBREL is answered though the message has expired", d -> {
            try (RawPeer p = d.client("p")) {
                p.send(publish5(0x04, d.topic(), 5, properties(property(0x02, u32(0))), "x"));
                d.expectAck(p, Dialect.PUBREC, 5);
                p.send(acknowledgement(0x62, 5)).expect(acknowledgement(0x70, 5));
            }
        });
        c.five("3.4.2-1", "PUBACK has 0x10 without subscribers, 0x99 for content that is not what it says", d -> {
            byte[] bad = properties(property(0x03, utf("application/json")));
            try (RawPeer p = d.client("p")) {
                p.send(d.publish(0x02, d.topic(), 5, "x")).expectHex("40 03 00 05 10");
                p.send(publish5(0x02, d.topic(), 6, bad, "{")).expectHex("40 03 00 06 99");
            }
        });
        c.five("3.5.2-1", "PUBREC has 0x10 without subscribers, 0x99 for content that is not what it says", d -> {
            byte[] bad = properties(property(0x03, utf("application/json")));
            try (RawPeer p = d.client("p")) {
                p.send(d.publish(0x04, d.topic(), 5, "x")).expectHex("50 03 00 05 10");
                p.send(publish5(0x04, d.topic(), 6, bad, "{")).expectHex("50 03 00 06 99");
            }
        });
        c.five("3.7.2-1", "PUBCOMP has no reason code, or 0x92 for an unknown packet identifier", d -> {
            try (RawPeer p = d.client("p")) {
                p.send(acknowledgement(0x62, 77)).expectHex("70 03 00 4d 92");
            }
        });
        c.both(
                "3.6.1-1",
                "3.6.1-1",
                "PUBREL with other flags than 0010 closes",
                d -> d.breach(0x81, acknowledgement(0x60, 1)));
    }
}
