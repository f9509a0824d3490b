package org.millrace.plugin.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.plugin.mqtt.Packets.bytes;
import static org.millrace.plugin.mqtt.Packets.properties;
import static org.millrace.plugin.mqtt.Packets.property;
import static org.millrace.plugin.mqtt.Packets.utf;
import static org.millrace.plugin.mqtt.QuestionMechanism.CONTINUE;
import static org.millrace.plugin.mqtt.QuestionMechanism.RE_AUTHENTICATE;
import static org.millrace.plugin.mqtt.QuestionMechanism.auth;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.millrace.plugin.mqtt.ConformanceCheck.Chapter;
import org.millrace.testkit.RawPeer;

/** AUTH and enhanced authentication (sections 3.15 and 4.12). */
final class AuthenticationConformance {
    private AuthenticationConformance() {}

    static void add(Chapter c) {
        c.five(
                "4.12.0-1",
                "an unknown authentication method gets CONNACK 0x8C and is closed",
                d -> d.badConnect(0x8C, Packets.connect5("c", 2, properties(property(0x15, utf("GS2-KRB5"))))));
        c.five(
                "4.12.0-2",
                "the server asks by AUTH 0x18",
                d -> challenged(d, "a").close());
        c.five("4.12.0-4", "a client that fails its method gets CONNACK 0x86 and is closed", d -> {
            try (RawPeer p = challenged(d, "a").send(auth(CONTINUE, "eve"))) {
                MqttHost.expectFarewell(p, 0x20, 0, 0x86);
            }
        });
        c.five("4.12.0-5", "AUTH and CONNACK name the client's method", d -> {
            try (RawPeer p = challenged(d, "a").send(auth(CONTINUE, "ann"))) {
                byte[] connack = MqttHost.packet(p);
                assertThat(connack[3]).isZero();
                assertThat(new String(connack, StandardCharsets.ISO_8859_1)).contains("\u0015\0\u0008QUESTION");
            }
        });
        c.five("4.12.0-6", "CONNACK names no authentication method", d -> {
            try (RawPeer p = d.mqtt().peer().send(d.connect(2, 60, utf(d.id("c"))))) {
                byte[] connack = MqttHost.packet(p);
                // Receive maximum, maximum packet size, topic alias maximum, and nothing else.
                assertThat(connack[4]).isEqualTo((byte) 11);
                p.expectSilence(Duration.ofMillis(20));
            }
        });
        c.five(
                "4.12.0-7",
                "AUTH from a client without authentication method closes",
                d -> d.breach(0x82, bytes(0xF0, 0)));
        c.five("4.12.1-2", "a client that fails to authenticate again gets DISCONNECT 0x87", d -> {
            try (RawPeer p = known(d, "a").send(auth(RE_AUTHENTICATE, "eve"))) {
                MqttHost.expectFarewell(p, 0xE0, 0x87);
            }
        });
        c.five("3.15.1-1", "AUTH with reserved bits closes", d -> d.breach(0x81, bytes(0xF1, 0)));
        c.five("3.15.2-1", "the server's AUTH has 0x18, then 0x00; a client's with another code closes", d -> {
            try (RawPeer p = known(d, "a").send(auth(RE_AUTHENTICATE, "hello"))) {
                p.expect(auth(CONTINUE, "who?")).send(auth(CONTINUE, "ann")).expect(auth(0, "welcome ann"));
                MqttHost.expectFarewell(p.send(auth(0x1A, "ann")), 0xE0, 0x82);
            }
        });
    }

    private static RawPeer challenged(Dialect d, String suffix) {
        return d.mqtt()
                .peer()
                .send(QuestionMechanism.connect(d.id(suffix), "hello"))
                .expect(auth(CONTINUE, "who?"));
    }

    private static RawPeer known(Dialect d, String suffix) {
        RawPeer peer = challenged(d, suffix).send(auth(CONTINUE, "ann"));
        assertThat(MqttHost.packet(peer)[3]).isZero();
        return peer;
    }
}
