package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.join;
import static org.millrace.plugin.mqtt.Packets.packet;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.raw;
import static org.millrace.plugin.mqtt.Packets.u32;
import static org.millrace.plugin.mqtt.Packets.userProperty;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.millrace.plugin.mqtt.ConformanceCheck.Chapter;
import org.millrace.testkit.RawPeer;

/** Sessions and wills: what outlives a connection (sections 3.1.2.4 to 3.1.2.10, 3.2.2.1.1 and 4.1). */
final class SessionConformance {
    private SessionConformance() {}

    static void add(Chapter c) {
        sessions(c);
        wills(c);
        keepAlive(c);
    }

    private static void sessions(Chapter c) {
        c.both("3.1.2-4", "3.1.2-6", "after a clean start nothing of the earlier session is left", d -> {
            subscribedAndGone(d);
            try (RawPeer s = d.client("s");
                    RawPeer p = d.client("p")) {
                d.published(p, 0, d.topic(), 1, "x");
                d.alive(s);
            }
        });
        c.both("3.1.2-5", "3.1.2-4", "a session goes on with its subscriptions", SessionConformance::goesOn);
        c.both("3.1.2-6", "3.2.2-3", "without a session a new one is made, and session present is 0", d -> {
            try (RawPeer s = d.lasting("s", false)) {
                d.alive(s);
            }
        });
        c.both("3.1.2-23", "3.1.2-5", "messages of QoS 1 and 2 are kept for a session without connection", d -> {
            subscribedAndGone(d);
            try (RawPeer p = d.client("p")) {
                d.published(p, 0, d.topic(), 1, "one");
                p.send(d.publish(0x04, d.topic(), 2, "two"));
                d.expectAck(p, Dialect.PUBREC, 2);
            }
            try (RawPeer s = d.lasting("s", true)) {
                s.expect(d.publish(0x02, d.topic(), 1, "one")).expect(d.publish(0x04, d.topic(), 2, "two"));
            }
        });
        c.four("3.1.2-7", "a retained message stays when the session of its publisher ends", d -> {
            try (RawPeer p = d.client("p")) {
                d.published(p, 1, d.topic(), 1, "kept");
            }
            d.client("p").close();
            d.subscriber("s", d.topic(), 0)
                    .expect(d.publish(1, d.topic(), 0, "kept"))
                    .close();
        });
        c.both("3.1.3-2", "3.1.3-2", "another identifier has no part in the session", d -> {
            subscribedAndGone(d);
            d.lasting("other", false).close();
            d.lasting("s", true).close();
        });
        c.both("3.1.4-3", "3.1.4-2", "a second connection with the identifier ends the first", d -> {
            try (RawPeer first = d.client("s");
                    RawPeer second = d.client("s")) {
                d.expectEnd(first, 0x8E);
                d.alive(second);
            }
        });
        c.both("3.1.4-4", "3.1.4-3", "a clean start has forgotten the session when CONNACK comes", d -> {
            subscribedAndGone(d);
            d.client("s").close();
            d.lasting("s", false).close();
        });
        c.both(
                "3.2.2-2",
                "3.2.2-1",
                "a clean start is answered with session present 0 though there was a session",
                d -> {
                    subscribedAndGone(d);
                    try (RawPeer s = d.mqtt().peer().send(d.connect(2, 60, utf(d.id("s"))))) {
                        assertThat(MqttHost.packet(s)[2]).isZero();
                    }
                });
        c.both("3.2.2-3", "3.2.2-2", "a session is answered with session present 1", SessionConformance::goesOn);
        c.both("4.1.0-1", "4.1.0-1", "a session keeps its subscriptions over several connections", d -> {
            goesOn(d);
            d.lasting("s", true).close();
        });
        c.four("4.1.0-2", "a session lasts while it is connected", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.client("p")) {
                d.alive(s);
                p.send(d.publish(0, d.topic(), 0, "x"));
                s.expect(d.publish(0, d.topic(), 0, "x"));
            }
        });
        c.five("4.1.0-2", "a session with an expiry of 1 s is gone after it", d -> {
            byte[] connect = Packets.connect5(d.id("s"), 0, properties(property(0x11, u32(1))));
            try (RawPeer s = d.mqtt().peer().send(connect)) {
                assertThat(MqttHost.packet(s)[3]).isZero();
            }
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(1300))
                    .atMost(Duration.ofSeconds(15))
                    .until(() -> {
                        try (RawPeer s = d.mqtt().peer().send(connect)) {
                            return MqttHost.packet(s)[2] == 0;
                        }
                    });
        });
    }

    private static void subscribedAndGone(Dialect d) {
        try (RawPeer s = d.lasting("s", false)) {
            s.send(d.subscribe(1, d.topic(), 2))
                    .expect(d.suback(1, 2))
                    .send(Packets.DISCONNECT)
                    .expectClosed();
        }
    }

    private static void goesOn(Dialect d) {
        subscribedAndGone(d);
        try (RawPeer s = d.lasting("s", true);
                RawPeer p = d.client("p")) {
            d.published(p, 0, d.topic(), 1, "x");
            s.expect(d.publish(0x02, d.topic(), 1, "x"));
        }
    }

    private static void wills(Chapter c) {
        c.both("3.1.2-7", "3.1.2-8", "a will is published when the connection breaks", d -> will(d, 0, 0, "gone"));
        c.five("3.1.2-8", "a delayed will is published once the session ends", d -> {
            byte[] will = join(properties(property(0x18, u32(100))), utf(d.topic()), utf("gone"));
            try (RawPeer s = d.subscriber("s", d.topic(), 0)) {
                RawPeer dying = d.mqtt().peer().send(Packets.connect5(d.id("w"), 6, properties(), will));
                assertThat(MqttHost.packet(dying)[3]).isZero();
                dying.reset(); // the session has no expiry: it ends here, before the delay
                s.expect(d.publish(0, d.topic(), 0, "gone"));
            }
        });
        c.both("3.1.2-10", "3.1.2-10", "a will that was published is not published again", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0)) {
                d.withWill("w", 0, d.topic(), "gone").reset();
                s.expect(d.publish(0, d.topic(), 0, "gone"));
                d.client("w").reset();
                d.alive(s);
                s.expectSilence(Duration.ofMillis(50));
            }
        });
        c.four("3.1.2-12", "without a will nothing is published when the connection breaks", d -> {
            try (RawPeer s = d.subscriber("s", d.topic() + "/#", 0)) {
                d.client("w").reset();
                d.alive(s);
                s.expectSilence(Duration.ofMillis(50));
            }
        });
        c.both("3.1.2-14", "3.1.2-16", "a will without will retain is not retained", d -> {
            will(d, 0, 0, "gone");
            try (RawPeer late = d.subscriber("late", d.topic(), 0)) {
                d.alive(late);
                late.expectSilence(Duration.ofMillis(30));
            }
        });
        c.both("3.1.2-15", "3.1.2-17", "a will with will retain is retained", d -> {
            will(d, 0x20, 0, "gone");
            d.subscriber("late", d.topic(), 0)
                    .expect(d.publish(1, d.topic(), 0, "gone"))
                    .close();
        });
        c.five("3.1.3-9", "a client that is back within the delay has no will published", d -> {
            byte[] delayed = join(properties(property(0x18, u32(1))), utf(d.topic()), utf("gone"));
            byte[] kept = properties(property(0x11, u32(60)));
            try (RawPeer s = d.subscriber("s", d.topic(), 0)) {
                RawPeer dying = d.mqtt().peer().send(Packets.connect5(d.id("w"), 4, kept, delayed));
                assertThat(MqttHost.packet(dying)[3]).isZero();
                dying.reset();
                Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> {
                    try (RawPeer back = d.mqtt().peer().send(Packets.connect5(d.id("w"), 0, kept))) {
                        return MqttHost.packet(back)[2] == 1;
                    }
                });
                s.expectSilence(Duration.ofMillis(1300));
            }
        });
        c.five("3.1.3-10", "the user properties of a will come in their order", d -> {
            byte[] two = properties(userProperty("k", "2"), userProperty("a", "1"), userProperty("k", "1"));
            try (RawPeer s = d.subscriber("s", d.topic(), 0)) {
                RawPeer dying = d.mqtt()
                        .peer()
                        .send(Packets.connect5(d.id("w"), 6, properties(), two, utf(d.topic()), utf("gone")));
                assertThat(MqttHost.packet(dying)[3]).isZero();
                dying.reset();
                s.expect(packet(0x30, utf(d.topic()), two, raw("gone")));
            }
        });
    }

    private static void will(Dialect d, int willFlags, int qos, String message) {
        try (RawPeer s = d.subscriber("s", d.topic(), qos)) {
            d.withWill("w", willFlags, d.topic(), message).reset();
            s.expect(d.publish(0, d.topic(), 0, message));
        }
    }

    private static void keepAlive(Chapter c) {
        c.both("3.1.2-22", "3.1.2-24", "silence closes after one and a half keep-alives, and publishes the will", d -> {
            byte[] will = join(d.isFive() ? properties() : bytes(), utf(d.topic()), utf("silent"));
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.mqtt().peer().send(d.connect(6, 1, utf(d.id("w")), will))) {
                long from = System.nanoTime();
                assertThat(MqttHost.packet(p)[3]).isZero();
                d.expectEnd(p, 0x8D);
                assertThat(Duration.ofNanos(System.nanoTime() - from)).isGreaterThan(Duration.ofMillis(1400));
                s.expect(d.publish(0, d.topic(), 0, "silent"));
            }
        });
    }
}
