package org.millrace.plugin.amqp.mapping;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the few AMQP encodings that outgoing messages need (AMQP 1.0 section 1.6), without a codec's state, so that any
 * thread may make a message. For use by one thread at a time.
 */
final class AmqpWriter {
    private byte[] bytes;
    private int length;

    AmqpWriter(int expected) {
        bytes = new byte[expected];
    }

    byte[] toByteArray() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    int length() {
        return length;
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    AmqpWriter raw(byte[] value) {
        return raw(value, 0, value.length);
    }

    AmqpWriter raw(byte[] value, int from, int count) {
        room(count);
        System.arraycopy(value, from, bytes, length, count);
        length += count;
        return this;
    }

    AmqpWriter octet(int value) {
        room(1);
        bytes[length++] = (byte) value;
        return this;
    }

    private AmqpWriter four(int value) {
        return octet(value >>> 24).octet(value >>> 16).octet(value >>> 8).octet(value);
    }

    private AmqpWriter eight(long value) {
        return four((int) (value >>> 32)).four((int) value);
    }

    /** The descriptor of a section (AMQP 1.0 section 3.2), a small ulong. */
    AmqpWriter section(int code) {
        return octet(0x00).octet(0x53).octet(code);
    }

    AmqpWriter nothing() {
        return octet(0x40);
    }

    AmqpWriter bool(boolean value) {
        return octet(value ? 0x41 : 0x42);
    }

    AmqpWriter ubyte(int value) {
        return octet(0x50).octet(value);
    }

    AmqpWriter uint(long value) {
        return octet(0x70).four((int) value);
    }

    AmqpWriter integer(int value) {
        return octet(0x71).four(value);
    }

    AmqpWriter ulong(long value) {
        return octet(0x80).eight(value);
    }

    AmqpWriter uuid(long high, long low) {
        return octet(0x98).eight(high).eight(low);
    }

    AmqpWriter number(long value) {
        return octet(0x81).eight(value);
    }

    AmqpWriter timestamp(long value) {
        return octet(0x83).eight(value);
    }

    /** A symbol for {@link #raw(byte[])}, of those that every message has. */
    static byte[] encodedSymbol(String value) {
        return new AmqpWriter(2 + value.length()).symbol(value).toByteArray();
    }

    AmqpWriter symbol(String value) {
        return sized(value.getBytes(StandardCharsets.US_ASCII), 0xa3, 0xb3);
    }

    AmqpWriter string(String value) {
        return sized(value.getBytes(StandardCharsets.UTF_8), 0xa1, 0xb1);
    }

    AmqpWriter utf8(byte[] value) {
        return sized(value, 0xa1, 0xb1);
    }

    AmqpWriter binary(byte[] value) {
        return sized(value, 0xa0, 0xb0);
    }

    AmqpWriter binary(byte[] value, int from, int count) {
        if (count < 256) {
            octet(0xa0).octet(count);
        } else {
            octet(0xb0).four(count);
        }
        return raw(value, from, count);
    }

    private AmqpWriter sized(byte[] value, int small, int large) {
        if (value.length < 256) {
            octet(small).octet(value.length);
        } else {
            octet(large).four(value.length);
        }
        return raw(value);
    }

    /** Begins a list or a map of 32-bit size; {@link #end} fills in what is not known yet. */
    int begin(int code) {
        octet(code);
        int at = length;
        four(0).four(0);
        return at;
    }

    static final int LIST = 0xd0;
    static final int MAP = 0xd1;

    void end(int at, int count) {
        put(at, length - at - 4);
        put(at + 4, count);
    }

    private void put(int at, int value) {
        bytes[at] = (byte) (value >>> 24);
        bytes[at + 1] = (byte) (value >>> 16);
        bytes[at + 2] = (byte) (value >>> 8);
        bytes[at + 3] = (byte) value;
    }
}
