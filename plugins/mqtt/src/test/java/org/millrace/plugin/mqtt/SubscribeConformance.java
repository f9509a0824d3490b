package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.acknowledgement;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.packet;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.subscribe5;
import static org.millrace.plugin.mqtt.Packets.u16;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.time.Duration;
import java.util.Arrays;
import org.millrace.plugin.mqtt.ConformanceCheck.Chapter;
import org.millrace.testkit.RawPeer;

/** SUBSCRIBE, UNSUBSCRIBE and shared subscriptions (sections 3.8 to 3.11 and 4.8). */
final class SubscribeConformance {
    private SubscribeConformance() {}

    static void add(Chapter c) {
        subscribe(c);
        unsubscribe(c);
        shared(c);
    }

    private static void subscribe(Chapter c) {
        c.both(
                "3.8.1-1",
                "3.8.1-1",
                "SUBSCRIBE with other flags than 0010 closes",
                d -> d.breach(0x81, packet(0x80, u16(1), d.isFive() ? properties() : bytes(), utf("a"), bytes(0))));
        c.both(
                "3.8.3-1",
                "3.8.3-1",
                "an ill-formed filter closes",
                d -> d.breach(
                        0x81,
                        packet(0x82, u16(1), d.isFive() ? properties() : bytes(), Dialect.illFormed(), bytes(0))));
        c.both(
                "3.8.3-2",
                "3.8.3-3",
                "SUBSCRIBE without a filter closes",
                d -> d.breach(0x82, packet(0x82, u16(1), d.isFive() ? properties() : bytes())));
        c.five("3.8.3-3", "with no-local a client's own message does not come, another's does", d -> {
            try (RawPeer s = d.client("s");
                    RawPeer p = d.client("p")) {
                s.send(d.subscribe(1, d.topic(), 0x04)).expect(d.suback(1, 0));
                d.published(s, 0, d.topic(), 1, "own");
                p.send(d.publish(0, d.topic(), 0, "other"));
                s.expect(d.publish(0, d.topic(), 0, "other"));
            }
        });
        c.five(
                "3.8.3-4",
                "no-local on a shared subscription closes",
                d -> d.breach(0x82, d.subscribe(1, "$share/g/a", 0x04)));
        c.five("3.8.3-5", "reserved bits of the options close", d -> {
            d.breach(0x81, d.subscribe(1, "a", 0x40));
            d.breach(0x81, d.subscribe(1, "a", 0x80));
        });
        c.four("3.8.3-4", "bits beside the QoS, and QoS 3, close", d -> {
            d.breach(0, d.subscribe(1, "a", 0x04));
            d.breach(0, d.subscribe(1, "a", 3));
        });
        c.both(
                "3.8.4-1",
                "3.8.4-1",
                "SUBSCRIBE is answered with SUBACK",
                d -> d.subscriber("s", d.topic(), 0).close());
        c.both("3.8.4-2", "3.8.4-2", "SUBACK has the packet identifier of the request", d -> {
            try (RawPeer s = d.client("s")) {
                s.send(d.subscribe(65_535, d.topic(), 1)).expect(d.suback(65_535, 1));
            }
        });
        c.both("3.8.4-3", "3.8.4-3", "the same filter again changes the QoS, and messages come once", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.client("p")) {
                s.send(d.subscribe(2, d.topic(), 1)).expect(d.suback(2, 1));
                d.published(p, 0, d.topic(), 1, "x");
                d.published(p, 0, d.topic(), 2, "y");
                s.expect(d.publish(0x02, d.topic(), 1, "x")).expect(d.publish(0x02, d.topic(), 2, "y"));
            }
        });
        c.five("3.8.4-4", "the same filter again sends retained messages again, each time", d -> {
            try (RawPeer p = d.client("p")) {
                d.published(p, 1, d.topic(), 1, "kept");
            }
            try (RawPeer s = d.client("s")) {
                for (int i = 1; i < 50; i++) {
                    s.send(d.subscribe(i, d.topic(), 0)).expect(d.suback(i, 0));
                    s.expect(d.publish(1, d.topic(), 0, "kept"));
                }
            }
        });
        c.both("3.8.4-5", "3.8.4-4", "two filters in one SUBSCRIBE are two subscriptions", d -> {
            try (RawPeer s = d.client("s");
                    RawPeer p = d.client("p")) {
                s.send(two(d, d.topic() + "/1", 0, d.topic() + "/2", 1)).expect(d.suback(1, 0, 1));
                p.send(d.publish(0, d.topic() + "/1", 0, "x")).send(d.publish(0, d.topic() + "/2", 0, "y"));
                s.expect(d.publish(0, d.topic() + "/1", 0, "x")).expect(d.publish(0, d.topic() + "/2", 0, "y"));
            }
        });
        ConformanceCheck.Body codes = d -> {
            try (RawPeer s = d.client("s")) {
                s.send(two(d, d.topic(), 2, "a#", 1)).expect(d.suback(1, 2, d.isFive() ? 0x8F : 0x80));
            }
        };
        c.five("3.8.4-6", "SUBACK has a code for each of two filters", codes);
        c.both("3.8.4-7", "3.8.4-5", "a code is the QoS granted or a failure", codes);
        c.both("3.9.3-1", "3.9.3-1", "the codes come in the order of the filters", d -> {
            codes.run(d);
            try (RawPeer s = d.client("t")) {
                s.send(two(d, "a#", 1, d.topic(), 2)).expect(d.suback(1, d.isFive() ? 0x8F : 0x80, 2));
            }
        });
        c.both("3.9.3-2", "3.9.3-2", "codes are 0, 1, 2 and those of failures", d -> {
            try (RawPeer s = d.client("s")) {
                for (int qos = 0; qos < 3; qos++) {
                    s.send(d.subscribe(1 + qos, d.topic(), qos)).expect(d.suback(1 + qos, qos));
                }
                s.send(d.subscribe(9, "+a", 0)).expect(d.suback(9, d.isFive() ? 0x8F : 0x80));
            }
        });
        c.both("3.8.4-8", "3.8.4-6", "a message has the lower of its own QoS and the one granted", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 1);
                    RawPeer p = d.client("p")) {
                p.send(d.publish(0, d.topic(), 0, "x"));
                s.expect(d.publish(0, d.topic(), 0, "x"));
                p.send(d.publish(0x04, d.topic(), 2, "y"));
                s.expect(d.publish(0x02, d.topic(), 1, "y"));
            }
        });
        overlapping(c);
    }

    private static byte[] two(Dialect d, String first, int firstQos, String second, int secondQos) {
        return packet(
                0x82,
                u16(1),
                d.isFive() ? properties() : bytes(),
                utf(first),
                bytes(firstQos),
                utf(second),
                bytes(secondQos));
    }

    private static void overlapping(Chapter c) {
        c.both("3.3.4-2", "3.3.5-1", "with overlapping filters the message comes once with the highest QoS", d -> {
            try (RawPeer s = d.client("s");
                    RawPeer p = d.client("p")) {
                s.send(two(d, d.topic() + "/#", 0, d.topic() + "/+", 1)).expect(d.suback(1, 0, 1));
                d.published(p, 0, d.topic() + "/b", 1, "x");
                d.published(p, 0, d.topic() + "/b", 2, "y");
                s.expect(d.publish(0x02, d.topic() + "/b", 1, "x")).expect(d.publish(0x02, d.topic() + "/b", 2, "y"));
            }
        });
        for (String id : new String[] {"3.3.4-3", "3.3.4-4"}) {
            c.five(id, "a single message carries both subscription identifiers", d -> {
                try (RawPeer s = d.client("s");
                        RawPeer p = d.client("p")) {
                    s.send(subscribe5(1, properties(bytes(0x0B, 7)), d.topic() + "/#", 0))
                            .expect(d.suback(1, 0));
                    s.send(subscribe5(2, properties(bytes(0x0B, 9)), d.topic() + "/+", 0))
                            .expect(d.suback(2, 0));
                    p.send(d.publish(0, d.topic() + "/b", 0, "x"));
                    byte[] publish = MqttHost.packet(s);
                    int at = 4 + d.topic().length() + 2;
                    assertThat(Arrays.copyOfRange(publish, at, at + 5))
                            .isIn(bytes(4, 0x0B, 7, 0x0B, 9), bytes(4, 0x0B, 9, 0x0B, 7));
                    d.alive(s);
                }
            });
        }
    }

    private static void unsubscribe(Chapter c) {
        c.both(
                "3.10.1-1",
                "3.10.1-1",
                "UNSUBSCRIBE with other flags than 0010 closes",
                d -> d.breach(0x81, packet(0xA0, u16(1), d.isFive() ? properties() : bytes(), utf("a"))));
        c.both(
                "3.10.3-1",
                "3.10.3-1",
                "an ill-formed filter in UNSUBSCRIBE closes",
                d -> d.breach(0x81, packet(0xA2, u16(1), d.isFive() ? properties() : bytes(), Dialect.illFormed())));
        c.both(
                "3.10.3-2",
                "3.10.3-2",
                "UNSUBSCRIBE without a filter closes",
                d -> d.breach(0x82, packet(0xA2, u16(1), d.isFive() ? properties() : bytes())));
        c.both("3.10.4-1", "3.10.4-1", "only the very same filter is deleted", d -> {
            try (RawPeer s = d.subscriber("s", d.topic() + "/+", 0);
                    RawPeer p = d.client("p")) {
                s.send(d.unsubscribe(2, d.topic() + "/#")).expect(d.unsuback(2, 0x11));
                p.send(d.publish(0, d.topic() + "/b", 0, "x"));
                s.expect(d.publish(0, d.topic() + "/b", 0, "x"));
                s.send(d.unsubscribe(3, d.topic() + "/+")).expect(d.unsuback(3, 0));
                d.published(p, 0, d.topic() + "/b", 1, "y");
                d.alive(s);
            }
        });
        c.both("3.10.4-2", "3.10.4-2", "after UNSUBACK no message comes", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.client("p")) {
                s.send(d.unsubscribe(2, d.topic())).expect(d.unsuback(2, 0));
                d.published(p, 0, d.topic(), 1, "x");
                d.alive(s);
                s.expectSilence(Duration.ofMillis(30));
            }
        });
        c.both("3.10.4-3", "3.10.4-3", "a QoS 2 message under way is completed after UNSUBSCRIBE", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 2);
                    RawPeer p = d.client("p")) {
                p.send(d.publish(0x04, d.topic(), 1, "x"));
                s.expect(d.publish(0x04, d.topic(), 1, "x"));
                s.send(d.unsubscribe(2, d.topic())).expect(d.unsuback(2, 0));
                s.send(acknowledgement(0x50, 1))
                        .expect(acknowledgement(0x62, 1))
                        .send(acknowledgement(0x70, 1));
                d.alive(s);
            }
        });
        c.both("3.10.4-4", "3.10.4-4", "UNSUBSCRIBE is answered with UNSUBACK of its packet identifier", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0)) {
                s.send(d.unsubscribe(4711, d.topic())).expect(d.unsuback(4711, 0));
            }
        });
        c.both("3.10.4-5", "3.10.4-5", "UNSUBACK comes though there was no subscription", d -> {
            try (RawPeer s = d.client("s")) {
                s.send(d.unsubscribe(4712, d.topic())).expect(d.unsuback(4712, 0x11));
            }
        });
        c.both("3.10.4-6", "3.10.4-6", "several filters in one UNSUBSCRIBE are deleted with one answer", d -> {
            try (RawPeer s = d.client("s");
                    RawPeer p = d.client("p")) {
                s.send(two(d, d.topic() + "/1", 0, d.topic() + "/2", 0)).expect(d.suback(1, 0, 0));
                s.send(d.unsubscribe(2, d.topic() + "/1", d.topic() + "/2")).expect(d.unsuback(2, 0, 0));
                d.published(p, 0, d.topic() + "/1", 1, "x");
                d.published(p, 0, d.topic() + "/2", 2, "x");
                d.alive(s);
            }
        });
        for (String id : new String[] {"3.11.3-1", "3.11.3-2"}) {
            c.five(id, "UNSUBACK has 0x00, 0x11 and 0x8F in the order of the filters", d -> {
                try (RawPeer s = d.subscriber("s", d.topic(), 0)) {
                    s.send(d.unsubscribe(2, "none", d.topic(), "a#")).expect(d.unsuback(2, 0x11, 0, 0x8F));
                }
            });
        }
    }

    private static void shared(Chapter c) {
        c.five("4.8.2-1", "a share without a name is refused", d -> shareRefused(d, "$share//" + d.topic()));
        c.five("4.8.2-2", "a share name with a wildcard, or without a filter behind it, is refused", d -> {
            shareRefused(d, "$share/a+/" + d.topic());
            shareRefused(d, "$share/a#/" + d.topic());
            shareRefused(d, "$share/name");
            shareRefused(d, "$share/name/");
        });
        c.five("4.8.2-3", "a member with QoS 0 gets QoS 0", d -> {
            try (RawPeer s = d.subscriber("s", "$share/g/" + d.topic(), 0);
                    RawPeer p = d.client("p")) {
                d.published(p, 0, d.topic(), 1, "x");
                s.expect(d.publish(0, d.topic(), 0, "x"));
            }
        });
        c.five("4.8.2-4", "a QoS 2 message under way is sent again to the member it went to", d -> {
            underWay(d, "s", true);
            d.lasting("s", true).expect(d.publish(0x0C, d.topic(), 1, "x")).close();
        });
        c.five("4.8.2-5", "a QoS 2 message under way to a member whose session ends goes to nobody else", d -> {
            try (RawPeer other = underWay(d, "s", false)) {
                d.alive(other);
                other.expectSilence(Duration.ofMillis(50));
            }
        });
        c.five("4.8.2-6", "a message a member refuses goes to nobody else", d -> {
            try (RawPeer s = d.subscriber("s", "$share/g/" + d.topic(), 1);
                    RawPeer p = d.client("p")) {
                d.published(p, 0, d.topic(), 1, "x");
                s.expect(d.publish(0x02, d.topic(), 1, "x"));
                try (RawPeer other = d.subscriber("other", "$share/g/" + d.topic(), 1)) {
                    s.send(packet(0x40, u16(1), bytes(0x83)));
                    d.alive(s);
                    d.alive(other);
                    other.expectSilence(Duration.ofMillis(50));
                }
            }
        });
    }

    private static void shareRefused(Dialect d, String filter) {
        try (RawPeer s = d.client("s")) {
            s.send(d.subscribe(1, filter, 0)).expect(d.suback(1, 0x8F));
        }
    }

    /** A member is sent a QoS 2 message and dies; another member looks on. */
    private static RawPeer underWay(Dialect d, String name, boolean lasting) {
        String share = "$share/g/" + d.topic();
        RawPeer s = lasting ? d.lasting(name, false) : d.client(name);
        s.send(d.subscribe(1, share, 2)).expect(d.suback(1, 2));
        try (RawPeer p = d.client("p")) {
            p.send(d.publish(0x04, d.topic(), 1, "x"));
            d.expectAck(p, Dialect.PUBREC, 1);
        }
        s.expect(d.publish(0x04, d.topic(), 1, "x"));
        RawPeer other = d.subscriber("other", share, 2);
        s.reset();
        return other;
    }
}
