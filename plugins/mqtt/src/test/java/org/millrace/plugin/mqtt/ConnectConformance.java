package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.join;
import static org.millrace.plugin.mqtt.Packets.packet;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.u16;
import static org.millrace.plugin.mqtt.Packets.u32;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.millrace.plugin.mqtt.ConformanceCheck.Chapter;
import org.millrace.testkit.RawPeer;

/** CONNECT and CONNACK (sections 3.1 and 3.2) and authentication (section 4.12). */
final class ConnectConformance {
    private ConnectConformance() {}

    static void add(Chapter c) {
        first(c);
        flags(c);
        identifiers(c);
        answers(c);
        authentication(c);
    }

    private static void first(Chapter c) {
        c.both("3.1.0-1", "3.1.0-1", "anything else than CONNECT at first closes", d -> {
            try (RawPeer p = d.mqtt().peer().send(d.publish(0, "a", 0, "x"))) {
                p.expectClosed();
            }
        });
        c.both("3.1.0-2", "3.1.0-2", "a second CONNECT closes", d -> d.breach(0x82, d.connect(2, 60, utf(d.id("2")))));
        c.five("3.1.2-1", "a protocol name that is not MQTT gets CONNACK 0x84 and is closed", d -> {
            try (RawPeer p = d.mqtt().peer()) {
                p.send(packet(0x10, utf("MQTX"), bytes(5, 2), u16(9), bytes(0), utf("c")));
                MqttHost.expectFarewell(p, 0x20, 0, 0x84);
            }
        });
        c.four("3.1.2-1", "a protocol name that is not MQTT is not served", d -> {
            try (RawPeer p = d.mqtt().peer()) {
                p.send(packet(0x10, utf("MQTX"), bytes(4, 2), u16(9), utf("c")))
                        .expectHex("20 02 00 01")
                        .expectClosed();
            }
        });
        c.five("3.1.2-2", "protocol version 6 gets CONNACK 0x84 and is closed", d -> {
            try (RawPeer p = d.mqtt().peer()) {
                p.send(packet(0x10, utf("MQTT"), bytes(6, 2), u16(9), bytes(0), utf("c")));
                MqttHost.expectFarewell(p, 0x20, 0, 0x84);
            }
        });
        c.four("3.1.2-2", "MQTT 3.1 gets CONNACK 0x01 and is closed", d -> {
            try (RawPeer p = d.mqtt().peer()) {
                p.send(packet(0x10, utf("MQIsdp"), bytes(3, 2), u16(9), utf("c")))
                        .expectHex("20 02 00 01")
                        .expectClosed();
            }
        });
        c.both(
                "3.1.2-3",
                "3.1.2-3",
                "a reserved flag that is set closes",
                d -> d.badConnect(0x81, d.connect(3, 60, utf(d.id("c")))));
        c.both(
                "3.1.4-1",
                "3.1.4-1",
                "a CONNECT that ends in the middle of a field closes",
                d -> d.badConnect(
                        0x81,
                        packet(
                                0x10,
                                utf("MQTT"),
                                bytes(d.level(), 2),
                                u16(9),
                                d.isFive() ? bytes(0) : bytes(),
                                u16(9))));
        c.both(
                "3.1.4-5",
                "3.1.4-4",
                "a good CONNECT is answered with success",
                d -> d.client("c").close());
    }

    private static void flags(Chapter c) {
        c.both(
                "3.1.2-9",
                "3.1.2-9",
                "a will flag without will fields closes",
                d -> d.badConnect(0x81, d.connect(0x06, 60, utf(d.id("c")))));
        c.both(
                "3.1.2-11",
                "3.1.2-13",
                "a will QoS without will closes",
                d -> d.badConnect(0x81, d.connect(0x0A, 60, utf(d.id("c")))));
        c.four(
                "3.1.2-11",
                "will fields without the will flag close",
                d -> d.badConnect(0x81, d.connect(0x02, 60, utf(d.id("c")), utf("topic"), utf("message"))));
        c.both(
                "3.1.2-12",
                "3.1.2-14",
                "will QoS 3 closes",
                d -> d.badConnect(
                        0x81,
                        d.connect(0x1E, 60, utf(d.id("c")), d.isFive() ? properties() : bytes(), utf("t"), utf("m"))));
        c.both(
                "3.1.2-13",
                "3.1.2-15",
                "will retain without will closes",
                d -> d.badConnect(0x81, d.connect(0x22, 60, utf(d.id("c")))));
        c.both(
                "3.1.2-16",
                "3.1.2-18",
                "a user name without its flag closes",
                d -> d.badConnect(0x81, d.connect(0x02, 60, utf(d.id("c")), utf("user"))));
        c.both(
                "3.1.2-17",
                "3.1.2-19",
                "a user name flag without user name closes",
                d -> d.badConnect(0x81, d.connect(0x82, 60, utf(d.id("c")))));
        c.both(
                "3.1.2-18",
                "3.1.2-20",
                "a password without its flag closes",
                d -> d.badConnect(0x81, d.connect(0x82, 60, utf(d.id("c")), utf("user"), utf("password"))));
        c.both(
                "3.1.2-19",
                "3.1.2-21",
                "a password flag without password closes",
                d -> d.badConnect(0x81, d.connect(0xC2, 60, utf(d.id("c")), utf("user"))));
        c.four(
                "3.1.2-22",
                "a password without user name closes",
                d -> d.badConnect(0x81, d.connect(0x42, 60, utf(d.id("c")), utf("password"))));
        c.both("3.1.3-1", "3.1.3-1", "identifier, will, user name and password are read in this order", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.mqtt().peer()) {
                byte[] will = join(d.isFive() ? properties() : bytes(), utf(d.topic()), utf("gone"));
                p.send(d.connect(0xC6, 60, utf(d.id("c")), will, utf("nobody"), utf("wrong")));
                byte[] refused = MqttHost.packet(p);
                assertThat(refused[3]).isEqualTo((byte) (d.isFive() ? 0x86 : 4));
                d.alive(s);
            }
        });
    }

    private static void identifiers(Chapter c) {
        c.both("3.1.3-3", "3.1.3-3", "a CONNECT without payload closes", d -> d.badConnect(0x81, d.connect(2, 60)));
        c.both(
                "3.1.3-4",
                "3.1.3-4",
                "an ill-formed identifier closes",
                d -> d.badConnect(0x81, d.connect(2, 60, Dialect.illFormed())));
        c.both(
                "3.1.3-5",
                "3.1.3-5",
                "identifiers of 1 and of 23 letters and digits are accepted, and longer ones",
                d -> {
                    for (String id : new String[] {"Z", "0123456789abcXYZabcdefg", "x".repeat(200)}) {
                        try (RawPeer p = d.mqtt().peer().send(d.connect(2, 60, utf(id)))) {
                            assertThat(MqttHost.packet(p)[3]).isZero();
                        }
                    }
                });
        c.five(
                "3.1.3-6",
                "a client without identifier is served",
                d -> d.alive(d.mqtt().client5("")));
        c.four("3.1.3-6", "clients without identifier are served beside each other", d -> {
            try (RawPeer one = d.mqtt().client4("");
                    RawPeer two = d.mqtt().client4("")) {
                d.alive(one);
                d.alive(two);
            }
        });
        c.five("3.1.3-7", "CONNACK tells the assigned identifier", d -> {
            try (RawPeer p = d.mqtt().peer().send(d.connect(2, 60, utf("")))) {
                assertThat(new String(MqttHost.packet(p), StandardCharsets.ISO_8859_1))
                        .contains("auto-");
            }
        });
        c.five("3.2.2-16", "assigned identifiers differ", d -> {
            try (RawPeer one = d.mqtt().peer().send(d.connect(2, 60, utf("")));
                    RawPeer two = d.mqtt().peer().send(d.connect(2, 60, utf("")))) {
                assertThat(MqttHost.packet(one)).isNotEqualTo(MqttHost.packet(two));
                d.alive(one);
                d.alive(two);
            }
        });
        for (String id : new String[] {"3.1.3-8", "3.1.3-9"}) {
            c.four(id, "no identifier without clean session gets 0x02 and is closed", d -> {
                try (RawPeer p = d.mqtt().peer()) {
                    p.send(d.connect(0, 60, utf(""))).expectHex("20 02 00 02").expectClosed();
                }
            });
        }
        c.both(
                "3.1.3-11",
                "3.1.3-10",
                "an ill-formed will topic closes",
                d -> d.badConnect(
                        0x81,
                        d.connect(
                                6,
                                60,
                                utf(d.id("c")),
                                d.isFive() ? properties() : bytes(),
                                Dialect.illFormed(),
                                utf("m"))));
        c.both(
                "3.1.3-12",
                "3.1.3-11",
                "an ill-formed user name closes",
                d -> d.badConnect(0x81, d.connect(0x82, 60, utf(d.id("c")), Dialect.illFormed())));
    }

    private static void answers(Chapter c) {
        c.both("3.1.4-6", "3.1.4-5", "what is sent behind a refused CONNECT is not published", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.mqtt().peer()) {
                byte[] refused = d.connect(0xC2, 60, utf(d.id("c")), utf("nobody"), utf("wrong"));
                p.send(join(refused, d.publish(0, d.topic(), 0, "x")));
                assertThat(p.readAll()).isNotEmpty();
                d.alive(s);
            }
        });
        c.both("3.2.0-1", "3.2.0-1", "CONNACK is first though more was sent behind CONNECT", d -> {
            try (RawPeer p = d.mqtt().peer()) {
                p.send(join(d.connect(2, 60, utf(d.id("c"))), Packets.PINGREQ, d.subscribe(1, "a", 0)));
                assertThat(MqttHost.packet(p)[0]).isEqualTo((byte) 0x20);
                p.expect(Packets.PINGRESP).expect(d.suback(1, 0));
            }
        });
        c.five("3.2.0-2", "nothing follows CONNACK by itself", d -> {
            try (RawPeer p = d.client("c")) {
                p.expectSilence(Duration.ofMillis(50));
                d.alive(p);
            }
        });
        c.five("3.2.2-1", "CONNACK's flags are 0 or 1", d -> {
            d.lasting("c", false).close();
            d.lasting("c", true).close();
        });
        ConformanceCheck.Body refusal = d -> {
            try (RawPeer p = d.mqtt().peer()) {
                p.send(d.connect(0xC0, 60, utf(d.id("c")), utf("nobody"), utf("wrong")));
                MqttHost.expectFarewell(p, 0x20, 0, d.isFive() ? 0x86 : 4);
            }
        };
        c.both("3.2.2-6", "3.2.2-4", "a refusal has session present 0", refusal);
        c.both("3.2.2-7", "3.2.2-5", "a refusal closes", refusal);
        c.five("3.2.2-8", "each refusal has a code of the list: 0x81, 0x84, 0x86, 0x8C", d -> {
            d.badConnect(0x81, d.connect(3, 60, utf("c")));
            d.badConnect(0x84, packet(0x10, utf("MQTT"), bytes(9, 2), u16(9), bytes(0), utf("c")));
            d.badConnect(0x86, d.connect(0xC2, 60, utf("c"), utf("nobody"), utf("wrong")));
            d.badConnect(0x8C, Packets.connect5("c", 2, properties(property(0x15, utf("SCRAM-SHA-256")))));
        });
        c.four(
                "3.2.2-6",
                "a malformed CONNECT, for which there is no code, closes without CONNACK",
                d -> d.badConnect(0, d.connect(3, 60, utf("c"))));
        c.five("3.2.2-19", "a refusal to a client that takes small packets has no reason string", d -> {
            byte[] small = properties(property(0x27, u32(20)));
            try (RawPeer p = d.mqtt().peer()) {
                p.send(Packets.connect5("c", 0xC2, small, utf("nobody"), utf("wrong")))
                        .expectHex("20 03 00 86 00")
                        .expectClosed();
            }
        });
        c.five("3.2.2-22", "without a server keep alive the client's own closes", d -> {
            try (RawPeer p = d.mqtt().peer()) {
                p.send(d.connect(2, 1, utf(d.id("c"))));
                assertThat(MqttHost.packet(p)[4])
                        .as("no server keep alive among the properties")
                        .isEqualTo((byte) 11);
                MqttHost.expectFarewell(p, 0xE0, 0x8D);
            }
        });
    }

    private static void authentication(Chapter c) {
        ConformanceCheck.Body unknown = d -> {
            try (RawPeer p = d.mqtt().peer()) {
                p.send(d.connect(0xC2, 60, utf(d.id("c")), utf("nobody"), utf("wrong")));
                MqttHost.expectFarewell(p, 0x20, 0, d.isFive() ? 0x86 : 4);
            }
        };
        c.five("3.1.4-2", "a wrong password gets CONNACK 0x86 and is closed", unknown);
    }
}
