package org.millrace.plugin.mqtt;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes packets for the scripted peer, legal or not. */
final class Packets {
    static final int CLEAN = 0x02;
    static final byte[] PINGREQ = {(byte) 0xC0, 0};
    static final byte[] PINGRESP = {(byte) 0xD0, 0};
    static final byte[] DISCONNECT = {(byte) 0xE0, 0};

    private Packets() {}

    static byte[] packet(int first, byte[]... parts) {
        byte[] body = join(parts);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first);
        int rest = body.length;
        do {
            int digit = rest & 0x7f;
            rest >>>= 7;
            out.write(rest > 0 ? digit | 0x80 : digit);
        } while (rest > 0);
        out.writeBytes(body);
        return out.toByteArray();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    static byte[] u16(int value) {
        return bytes(value >> 8, value);
    }

    static byte[] u32(long value) {
        return join(u16((int) (value >> 16)), u16((int) value));
    }

    static byte[] utf(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return join(u16(utf8.length), utf8);
    }

    static byte[] raw(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A property section: its length, then the properties. */
    static byte[] properties(byte[]... properties) {
        byte[] all = join(properties);
        if (all.length > 127) {
            return join(bytes(all.length & 0x7f | 0x80, all.length >> 7), all);
        }
        return join(bytes(all.length), all);
    }

    static byte[] property(int id, byte[] value) {
        return join(bytes(id), value);
    }

    static byte[] userProperty(String name, String value) {
        return join(bytes(0x26), utf(name), utf(value));
    }

    static byte[] connect4(String clientId, int flags, byte[]... payload) {
        return packet(0x10, utf("MQTT"), bytes(4, flags), u16(60), utf(clientId), join(payload));
    }

    static byte[] connect5(String clientId, int flags, byte[] properties, byte[]... payload) {
        return packet(0x10, utf("MQTT"), bytes(5, flags), u16(60), properties, utf(clientId), join(payload));
    }

    static byte[] subscribe4(int packetId, String filter, int qos) {
        return packet(0x82, u16(packetId), utf(filter), bytes(qos));
    }

    static byte[] subscribe5(int packetId, byte[] properties, String filter, int options) {
        return packet(0x82, u16(packetId), properties, utf(filter), bytes(options));
    }

    static byte[] publish4(int flags, String topic, int packetId, String payload) {
        return packet(0x30 | flags, utf(topic), (flags & 6) == 0 ? bytes() : u16(packetId), raw(payload));
    }

    static byte[] publish5(int flags, String topic, int packetId, byte[] properties, String payload) {
        return packet(0x30 | flags, utf(topic), (flags & 6) == 0 ? bytes() : u16(packetId), properties, raw(payload));
    }

    static byte[] acknowledgement(int first, int packetId) {
        return packet(first, u16(packetId));
    }
}
