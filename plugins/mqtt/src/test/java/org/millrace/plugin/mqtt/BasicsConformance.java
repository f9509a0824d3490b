package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.acknowledgement;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.packet;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.publish5;
import static org.millrace.plugin.mqtt.Packets.raw;
import static org.millrace.plugin.mqtt.Packets.u16;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.time.Duration;
import org.millrace.plugin.mqtt.ConformanceCheck.Chapter;
import org.millrace.testkit.RawPeer;

/** Data, fixed headers, packet identifiers (chapters 1 and 2), and the rules for topics (section 4.7). */
final class BasicsConformance {
    private static final String BOM = "\uFEFF";

    private BasicsConformance() {}

    static void add(Chapter c) {
        text(c);
        headers(c);
        topics(c);
    }

    private static void text(Chapter c) {
        c.both("1.5.4-1", "1.5.3-1", "a topic with a surrogate closes the connection", d -> {
            byte[] properties = d.isFive() ? properties() : bytes();
            d.breach(0x81, packet(0x30, u16(3), bytes(0xED, 0xA0, 0x80), properties));
        });
        c.both(
                "1.5.4-2",
                "1.5.3-2",
                "a topic with U+0000 closes the connection",
                d -> d.breach(0x81, d.publish(0, "a\0b", 0, "x")));
        c.both("1.5.4-3", "1.5.3-3", "a topic with a byte order mark is another topic and keeps it", d -> {
            try (RawPeer plain = d.subscriber("plain", d.topic(), 0);
                    RawPeer marked = d.subscriber("marked", BOM + d.topic(), 0);
                    RawPeer p = d.client("p")) {
                p.send(d.publish(0, BOM + d.topic(), 0, "x"));
                marked.expect(d.publish(0, BOM + d.topic(), 0, "x"));
                p.send(d.publish(0, d.topic(), 0, "y"));
                plain.expect(d.publish(0, d.topic(), 0, "y"));
            }
        });
        c.five("1.5.5-1", "a remaining length and a property length of more bytes than needed close", d -> {
            d.breach(0x81, bytes(0xC0, 0x80, 0x00));
            d.breach(0x81, packet(0x30, utf("a"), bytes(0x80, 0x00), raw("x")));
        });
        c.five("1.5.7-1", "an ill-formed user property closes", d -> {
            d.breach(0x81, publish5(0, "a", 0, properties(bytes(0x26), Dialect.illFormed(), utf("v")), "x"));
            d.breach(0x81, publish5(0, "a", 0, properties(bytes(0x26), utf("k"), Dialect.illFormed()), "x"));
        });
    }

    private static void headers(Chapter c) {
        c.both(
                "2.1.3-1",
                "2.2.2-1",
                "reserved flags of PINGREQ that are set close",
                d -> d.breach(0x81, bytes(0xC1, 0)));
        c.four(
                "2.2.2-2",
                "reserved flags of UNSUBSCRIBE that are not 0010 close",
                d -> d.breach(0x81, packet(0xA0, u16(1), utf("a"))));
        c.both("2.2.1-2", "2.3.1-5", "what follows the topic of a QoS 0 message is payload", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.client("p")) {
                p.send(d.publish(0, d.topic(), 0, "\u0001\u0002x"));
                s.expect(d.publish(0, d.topic(), 0, "\u0001\u0002x"));
            }
        });
        c.both("2.2.1-3", "2.3.1-1", "packet identifier 0 closes, in PUBLISH, SUBSCRIBE and UNSUBSCRIBE", d -> {
            d.breach(0x81, d.publish(0x02, "a", 0, "x"));
            d.breach(0x81, d.subscribe(0, "a", 0));
            d.breach(0x81, d.unsubscribe(0, "a"));
        });
        c.both("2.2.1-4", "2.3.1-4", "messages under way have different packet identifiers, none of them 0", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 1);
                    RawPeer p = d.client("p")) {
                d.published(p, 0, d.topic(), 1, "one");
                d.published(p, 0, d.topic(), 2, "two");
                s.expect(d.publish(0x02, d.topic(), 1, "one")).expect(d.publish(0x02, d.topic(), 2, "two"));
            }
        });
        c.both("2.2.1-5", "2.3.1-6", "PUBACK, PUBREC and PUBCOMP carry the packet identifier of the message", d -> {
            try (RawPeer p = d.client("p")) {
                d.published(p, 0, d.topic(), 4711, "x");
                p.send(d.publish(0x04, d.topic(), 4712, "x"));
                d.expectAck(p, Dialect.PUBREC, 4712);
                p.send(acknowledgement(0x62, 4712)).expect(acknowledgement(0x70, 4712));
            }
        });
        c.both("2.2.1-6", "2.3.1-7", "SUBACK and UNSUBACK carry the packet identifier of the request", d -> {
            try (RawPeer p = d.client("p")) {
                p.send(d.subscribe(513, d.topic(), 0)).expect(d.suback(513, 0));
                p.send(d.unsubscribe(514, d.topic())).expect(d.unsuback(514, 0));
            }
        });
        c.five("2.2.2-1", "a PUBLISH without properties has a property length of 0, and one without that closes", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.client("p")) {
                p.send(d.publish(0, d.topic(), 0, "x"));
                s.expect(packet(0x30, utf(d.topic()), bytes(0), raw("x")));
            }
            d.breach(0x81, packet(0x30, utf("a")));
        });
    }

    private static void topics(Chapter c) {
        c.both("4.7.0-1", "4.7.1-1", "a topic name with a wildcard closes", d -> {
            d.breach(0x90, d.publish(0, "a/+/b", 0, "x"));
            d.breach(0x90, d.publish(0, "a/#", 0, "x"));
        });
        c.both("4.7.1-1", "4.7.1-2", "filters with # elsewhere than alone at the end are refused", d -> {
            refused(d, "a#");
            refused(d, "a/#/b");
            matches(d, d.topic() + "/#", d.topic());
        });
        c.both("4.7.1-2", "4.7.1-3", "filters with + beside other characters are refused", d -> {
            refused(d, "a+/b");
            refused(d, "a/+b");
            matches(d, d.topic() + "/+/z", d.topic() + "/y/z");
        });
        c.both("4.7.2-1", "4.7.2-1", "neither # nor +/... shows what lies under $sys", d -> {
            try (RawPeer s = d.client("s")) {
                s.send(d.subscribe(1, "+/health", 0)).expect(d.suback(1, 0));
                d.alive(s);
                s.expectSilence(Duration.ofMillis(50));
            }
        });
        c.both("4.7.3-1", "4.7.3-1", "an empty filter is refused, an empty topic closes", d -> {
            refused(d, "");
            d.breach(d.isFive() ? 0x82 : 0x90, d.publish(0, "", 0, "x"));
        });
        c.both("4.7.3-2", "4.7.3-2", "a filter with U+0000 closes", d -> d.breach(0x81, d.subscribe(1, "a\0", 0)));
        c.both("4.7.3-3", "4.7.3-3", "topics and filters are accepted up to what two length bytes can say", d -> {
            String longest = "x".repeat(65_535);
            try (RawPeer p = d.client("p")) {
                p.send(d.publish(0x02, longest, 7, "x"));
                byte[] ack = MqttHost.packet(p);
                assertThat(ack[0]).isEqualTo((byte) 0x40);
                d.alive(p);
            }
        });
        c.both("4.7.3-4", "4.7.3-4", "case, spaces, composed letters and empty levels make different topics", d -> {
            try (RawPeer s = d.subscriber("s", d.topic() + "/\u00E9", 0);
                    RawPeer p = d.client("p")) {
                p.send(d.publish(0, d.topic() + "/e\u0301", 0, "no"));
                p.send(d.publish(0, d.topic() + "/\u00C9", 0, "no"));
                p.send(d.publish(0, d.topic() + "/\u00E9/", 0, "no"));
                p.send(d.publish(0, d.topic() + "/\u00E9 ", 0, "no"));
                p.send(d.publish(0, d.topic() + "/\u00E9", 0, "yes"));
                s.expect(d.publish(0, d.topic() + "/\u00E9", 0, "yes"));
            }
        });
    }

    private static void refused(Dialect d, String filter) {
        try (RawPeer s = d.client("s")) {
            s.send(d.subscribe(1, filter, 0)).expect(d.suback(1, d.isFive() ? 0x8F : 0x80));
            d.alive(s);
        }
    }

    private static void matches(Dialect d, String filter, String topic) {
        try (RawPeer s = d.subscriber("s", filter, 0);
                RawPeer p = d.client("p")) {
            p.send(d.publish(0, topic, 0, "x"));
            s.expect(d.publish(0, topic, 0, "x"));
        }
    }
}
