package org.millrace.plugin.mqtt;

import static org.millrace.plugin.mqtt.Packets.acknowledgement;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.join;
import static org.millrace.plugin.mqtt.Packets.packet;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.u16;

import java.time.Duration;
import org.millrace.plugin.mqtt.ConformanceCheck.Chapter;
import org.millrace.testkit.RawPeer;

/** Redelivery, order and flow control (sections 4.4 to 4.6, 4.9 and 3.3.4). */
final class DeliveryConformance {
    private DeliveryConformance() {}

    static void add(Chapter c) {
        redelivery(c);
        order(c);
        flow(c);
    }

    private static void redelivery(Chapter c) {
        c.both("4.4.0-1", "4.4.0-1", "after a reconnect, and not before, what is unacknowledged is sent again", d -> {
            try (RawPeer s = d.lasting("s", false);
                    RawPeer p = d.client("p")) {
                s.send(d.subscribe(1, d.topic(), 2)).expect(d.suback(1, 2));
                d.published(p, 0, d.topic(), 1, "one");
                p.send(d.publish(0x04, d.topic(), 2, "two"));
                s.expect(d.publish(0x02, d.topic(), 1, "one")).expect(d.publish(0x04, d.topic(), 2, "two"));
                s.send(acknowledgement(0x50, 2)).expect(acknowledgement(0x62, 2));
                s.expectSilence(Duration.ofMillis(100)).reset();
            }
            d.lasting("s", true)
                    .expect(acknowledgement(0x62, 2))
                    .expect(d.publish(0x0A, d.topic(), 1, "one"))
                    .close();
        });
        c.five("4.4.0-2", "messages refused with 0x80 and more are not sent again", d -> {
            try (RawPeer s = d.lasting("s", false);
                    RawPeer p = d.client("p")) {
                s.send(d.subscribe(1, d.topic(), 2)).expect(d.suback(1, 2));
                d.published(p, 0, d.topic(), 1, "one");
                p.send(d.publish(0x04, d.topic(), 2, "two"));
                s.expect(d.publish(0x02, d.topic(), 1, "one")).expect(d.publish(0x04, d.topic(), 2, "two"));
                s.send(packet(0x40, u16(1), bytes(0x80))).send(packet(0x50, u16(2), bytes(0x83)));
                d.alive(s);
                s.reset();
            }
            try (RawPeer s = d.lasting("s", true)) {
                d.alive(s);
                s.expectSilence(Duration.ofMillis(30));
            }
        });
        c.both("4.5.0-1", "4.5.0-1", "a message reaches all who subscribe to it, connected or not", d -> {
            try (RawPeer s = d.lasting("s", false)) {
                s.send(d.subscribe(1, d.topic(), 1))
                        .expect(d.suback(1, 1))
                        .send(Packets.DISCONNECT)
                        .expectClosed();
            }
            try (RawPeer one = d.subscriber("one", d.topic(), 0);
                    RawPeer two = d.subscriber("two", d.topic(), 1);
                    RawPeer p = d.client("p")) {
                d.published(p, 0, d.topic(), 1, "x");
                one.expect(d.publish(0, d.topic(), 0, "x"));
                two.expect(d.publish(0x02, d.topic(), 1, "x"));
            }
            d.lasting("s", true).expect(d.publish(0x02, d.topic(), 1, "x")).close();
        });
    }

    private static void order(Chapter c) {
        ConformanceCheck.Body inOrder = d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.client("p")) {
                for (int i = 1; i <= 100; i++) {
                    p.send(d.publish(i % 2 == 0 ? 0x02 : 0x04, d.topic(), i, "no" + i));
                    if (i % 10 == 0) {
                        drain(d, p, i - 9, i);
                    }
                }
                for (int i = 1; i <= 100; i++) {
                    s.expect(d.publish(0, d.topic(), 0, "no" + i));
                }
            }
        };
        c.both("4.6.0-5", "4.6.0-6", "a hundred messages of one client arrive in their order", inOrder);
        c.both("4.6.0-6", "4.6.0-5", "a topic nobody has said anything about is ordered", inOrder);
        c.four("4.6.0-1", "unacknowledged messages are sent again in their order", d -> {
            try (RawPeer s = d.lasting("s", false);
                    RawPeer p = d.client("p")) {
                s.send(d.subscribe(1, d.topic(), 1)).expect(d.suback(1, 1));
                for (int i = 1; i <= 10; i++) {
                    d.published(p, 0, d.topic(), i, "no" + i);
                    s.expect(d.publish(0x02, d.topic(), i, "no" + i));
                }
                s.reset();
            }
            try (RawPeer s = d.lasting("s", true)) {
                for (int i = 1; i <= 10; i++) {
                    s.expect(d.publish(0x0A, d.topic(), i, "no" + i));
                }
            }
        });
        c.four("4.6.0-2", "ten QoS 1 messages are acknowledged in their order", d -> acknowledgedInOrder(d, 1));
        c.four("4.6.0-3", "ten QoS 2 messages are acknowledged in their order", d -> acknowledgedInOrder(d, 2));
        c.four("4.6.0-4", "PUBRELs come in the order of the PUBRECs", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 2);
                    RawPeer p = d.client("p")) {
                for (int i = 1; i <= 3; i++) {
                    p.send(d.publish(0x04, d.topic(), i, "x"));
                    s.expect(d.publish(0x04, d.topic(), i, "x"));
                }
                s.send(join(acknowledgement(0x50, 2), acknowledgement(0x50, 3), acknowledgement(0x50, 1)));
                s.expect(acknowledgement(0x62, 2))
                        .expect(acknowledgement(0x62, 3))
                        .expect(acknowledgement(0x62, 1));
            }
        });
    }

    private static void drain(Dialect d, RawPeer p, int from, int to) {
        for (int i = from; i <= to; i++) {
            d.expectAck(p, i % 2 == 0 ? Dialect.PUBACK : Dialect.PUBREC, i);
        }
        for (int i = from; i <= to; i++) {
            if (i % 2 == 1) {
                p.send(acknowledgement(0x62, i)).expect(acknowledgement(0x70, i));
            }
        }
    }

    private static void acknowledgedInOrder(Dialect d, int qos) {
        try (RawPeer p = d.client("p")) {
            byte[] all = {};
            for (int i = 1; i <= 10; i++) {
                all = join(all, d.publish(qos << 1, d.topic(), i, "x"));
            }
            p.send(all);
            for (int i = 1; i <= 10; i++) {
                d.expectAck(p, qos == 1 ? Dialect.PUBACK : Dialect.PUBREC, i);
            }
        }
    }

    private static void flow(Chapter c) {
        c.five("3.3.4-7", "more QoS 2 messages without PUBREL than receive maximum close", d -> {
            try (RawPeer p = d.client("p")) {
                byte[] all = {};
                for (int i = 1; i <= 21; i++) {
                    all = join(all, d.publish(0x04, d.topic(), i, "x"));
                }
                p.send(all);
                for (int i = 1; i <= 20; i++) {
                    if (MqttHost.packet(p)[0] == (byte) 0xE0) {
                        return; // before the last of them was durable
                    }
                }
                MqttHost.expectFarewell(p, 0xE0, 0x93);
            }
        });
        for (String id : new String[] {"3.3.4-9", "4.9.0-1", "4.9.0-2"}) {
            c.five(id, "a client with receive maximum 2 gets 2 messages, and the third after PUBACK", d -> {
                try (RawPeer s = slow(d)) {
                    s.expectSilence(Duration.ofMillis(50));
                    s.send(acknowledgement(0x40, 1)).expect(d.publish(0x02, d.topic(), 3, "no3"));
                }
            });
        }
        for (String id : new String[] {"3.3.4-10", "4.9.0-3"}) {
            c.five(id, "SUBACK, PINGRESP and QoS 0 messages come at a full receive maximum", d -> {
                try (RawPeer s = slow(d)) {
                    s.send(d.subscribe(2, d.topic() + "/other", 0)).expect(d.suback(2, 0));
                    d.alive(s);
                }
            });
        }
    }

    private static RawPeer slow(Dialect d) {
        RawPeer s = d.mqtt().client5(d.id("s"), property(0x21, u16(2)));
        s.send(d.subscribe(1, d.topic(), 1)).expect(d.suback(1, 1));
        try (RawPeer p = d.client("p")) {
            for (int i = 1; i <= 3; i++) {
                d.published(p, 0, d.topic(), i, "no" + i);
            }
        }
        return s.expect(d.publish(0x02, d.topic(), 1, "no1")).expect(d.publish(0x02, d.topic(), 2, "no2"));
    }
}
