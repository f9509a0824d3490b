package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.join;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.publish5;
import static org.millrace.plugin.mqtt.Packets.u16;
import static org.millrace.plugin.mqtt.Packets.utf;

import java.time.Duration;
import java.util.Optional;
import org.millrace.plugin.mqtt.ConformanceCheck.Chapter;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.testkit.RawPeer;

/** PINGREQ, DISCONNECT and errors (sections 3.12, 3.14 and 4.13; 4.8 of 3.1.1), and the transport (4.2; 7.1.1). */
final class EndConformance {
    private EndConformance() {}

    static void add(Chapter c) {
        c.both("3.12.4-1", "3.12.4-1", "PINGREQ is answered with PINGRESP", d -> {
            try (RawPeer p = d.client("p")) {
                d.alive(p);
            }
        });
        c.five("3.14.0-1", "a refused CONNECT gets CONNACK and no DISCONNECT", d -> {
            try (RawPeer p = d.mqtt().peer().send(d.connect(3, 60, utf("c")))) {
                assertThat(MqttHost.packet(p)[0]).isEqualTo((byte) 0x20);
                p.expectClosed();
            }
        });
        c.both("3.14.1-1", "3.14.1-1", "DISCONNECT with reserved bits closes and is no good-bye", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.withWill("w", 0, d.topic(), "gone")) {
                d.expectEnd(p.send(bytes(0xE1, 0)), 0x81);
                s.expect(d.publish(0, d.topic(), 0, "gone"));
            }
        });
        c.five("3.14.2-1", "DISCONNECT has codes of the list: 0x81, 0x82, 0x8E, 0x94, 0x95", d -> {
            d.breach(0x81, bytes(0xC0, 0x80, 0));
            d.breach(0x82, bytes(0xF0, 0));
            d.breach(0x94, publish5(0, "a", 0, properties(property(0x23, u16(0))), "x"));
            d.breach(0x95, bytes(0x30, 0xff, 0xff, 0x7f));
            try (RawPeer first = d.client("s");
                    RawPeer second = d.client("s")) {
                d.expectEnd(first, 0x8E);
                d.alive(second);
            }
        });
        c.five("3.14.2-2", "a server's DISCONNECT has nothing but a reason", d -> {
            try (RawPeer p = d.client("p")) {
                p.send(bytes(0xF0, 0)).expectHex("e0 01 82").expectClosed();
            }
        });
        c.five("3.14.4-1", "after its DISCONNECT the server sends nothing, whatever is published", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0);
                    RawPeer p = d.client("p")) {
                s.send(join(bytes(0xF0, 0), Packets.PINGREQ)).expectHex("e0 01 82");
                d.published(p, 0, d.topic(), 1, "x");
                s.expectClosed();
            }
        });
        c.five("3.14.4-2", "after a client's DISCONNECT, and after its own, the server closes", d -> {
            d.client("p").send(Packets.DISCONNECT).expectClosed();
            d.client("q").send(bytes(0xF0, 0)).expectHex("e0 01 82").expectClosed();
        });
        c.both("3.14.4-3", "3.14.4-3", "after DISCONNECT the will is not published", d -> {
            try (RawPeer s = d.subscriber("s", d.topic(), 0)) {
                d.withWill("w", 0, d.topic(), "gone").send(Packets.DISCONNECT).expectClosed();
                d.alive(s);
                s.expectSilence(Duration.ofMillis(50));
            }
        });
        c.both("4.2.0-1", "7.1.1-1", "TCP carries packets in any pieces", d -> {
            try (RawPeer p = d.mqtt().peer()) {
                for (byte b : d.connect(2, 60, utf(d.id("c")))) {
                    p.send(new byte[] {b});
                }
                assertThat(MqttHost.packet(p)[3]).isZero();
                p.send(join(Packets.PINGREQ, Packets.PINGREQ))
                        .expect(Packets.PINGRESP)
                        .expect(Packets.PINGRESP);
            }
        });
        for (String id : new String[] {"4.13.1-1", "4.13.2-1"}) {
            c.five(id, "malformed packets and protocol errors are told and closed", d -> {
                d.breach(0x81, bytes(0x00, 0));
                d.breach(0x82, d.connect(2, 60, utf("c")));
                d.badConnect(0x81, d.connect(3, 60, utf("c")));
            });
        }
        c.four("4.8.0-1", "protocol violations close", d -> {
            d.breach(0, bytes(0x00, 0));
            d.breach(0, bytes(0x90, 3, 0, 1, 0));
        });
        c.four("4.8.0-2", "a message that cannot be stored now closes without PUBACK", d -> {
            d.mqtt()
                    .host()
                    .faults()
                    .refuseWrites(Optional.of(new ResourceException(ErrorCode.UNAVAILABLE, "the disk is full")));
            try (RawPeer p = d.client("p")) {
                p.send(d.publish(0x02, d.topic(), 1, "x")).expectClosed();
            } finally {
                d.mqtt().host().faults().refuseWrites(Optional.empty());
            }
        });
    }
}
