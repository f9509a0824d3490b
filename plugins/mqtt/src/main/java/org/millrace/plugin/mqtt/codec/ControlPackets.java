package org.millrace.plugin.mqtt.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes the packets a server sends, except PUBLISH. Stateless; buffers belong to the caller. */
public final class ControlPackets {
    /** PUBACK's first byte. */
    public static final int PUBACK = 0x40;
    /** PUBREC's first byte. */
    public static final int PUBREC = 0x50;
    /** PUBREL's first byte. */
    public static final int PUBREL = 0x62;
    /** PUBCOMP's first byte. */
    public static final int PUBCOMP = 0x70;

    private static final int CONNACK = 0x20;
    private static final int SUBACK = 0x90;
    private static final int UNSUBACK = 0xB0;
    private static final int DISCONNECT = 0xE0;
    private static final int AUTH = 0xF0;
    private static final int REASON_STRING = 0x1F;
    private static final int MAX_REASON_BYTES = 512;
    private static final int FIXED_HEADER = 5;
    /** The length of the properties, the property's identifier and the length of the text. */
    private static final int REASON_OVERHEAD = 5;

    private static final byte[] PING_RESPONSE = {(byte) 0xD0, 0};

    private ControlPackets() {}

    /**
     * The answer to PINGREQ.
     *
     * @return a buffer over shared bytes
     */
    public static ByteBuf pingResponse() {
        return Unpooled.wrappedBuffer(PING_RESPONSE);
    }

    /**
     * PUBACK, PUBREC, PUBREL or PUBCOMP without a reason code, as every version reads it.
     *
     * @param alloc makes the buffer
     * @param first the packet's first byte
     * @param packetId which message
     * @return the packet
     */
    public static ByteBuf acknowledgement(ByteBufAllocator alloc, int first, int packetId) {
        return alloc.ioBuffer(4).writeByte(first).writeByte(2).writeShort(packetId);
    }

    /**
     * PUBACK, PUBREC, PUBREL or PUBCOMP of MQTT 5 with a reason code.
     *
     * @param alloc makes the buffer
     * @param first the packet's first byte
     * @param packetId which message
     * @param code the reason
     * @param reason for people, or null
     * @param maxPacketSize the client's; a reason that exceeds it is left out ([MQTT-3.4.2-2], [MQTT-3.5.2-2])
     * @return the packet
     */
    public static ByteBuf acknowledgement(
            ByteBufAllocator alloc,
            int first,
            int packetId,
            ReasonCode code,
            @Nullable String reason,
            int maxPacketSize) {
        ByteBuf body = alloc.ioBuffer(16).writeShort(packetId).writeByte(code.wire());
        if (reason != null && fits(reason, 3, maxPacketSize)) {
            reasonProperties(body, reason);
        }
        return packet(alloc, first, body);
    }

    /**
     * A CONNACK that refuses.
     *
     * @param alloc makes the buffer
     * @param level 4 or 5
     * @param code MQTT 5's reason
     * @param code311 3.1.1's return code
     * @param reason for people, or null; not in 3.1.1
     * @param maxPacketSize the client's; a reason that exceeds it is left out ([MQTT-3.2.2-19])
     * @return the packet
     */
    public static ByteBuf refuseConnection(
            ByteBufAllocator alloc,
            int level,
            ReasonCode code,
            int code311,
            @Nullable String reason,
            int maxPacketSize) {
        ByteBuf body = alloc.ioBuffer(16).writeByte(0);
        if (level == 4) {
            return packet(alloc, CONNACK, body.writeByte(code311));
        }
        reasonProperties(body.writeByte(code.wire()), fits(reason, 2, maxPacketSize) ? reason : null);
        return packet(alloc, CONNACK, body);
    }

    /**
     * A CONNACK that accepts.
     *
     * @param alloc makes the buffer
     * @param level 4 or 5
     * @param sessionPresent whether there was a session to go on with
     * @param properties MQTT 5's, ready to be sent; not in 3.1.1
     * @return the packet
     */
    public static ByteBuf acceptConnection(
            ByteBufAllocator alloc, int level, boolean sessionPresent, PropertyWriter properties) {
        ByteBuf body = alloc.ioBuffer(64).writeByte(sessionPresent ? 1 : 0).writeByte(0);
        if (level == 5) {
            properties.writeTo(body);
        }
        return packet(alloc, CONNACK, body);
    }

    /**
     * SUBACK, or UNSUBACK.
     *
     * @param alloc makes the buffer
     * @param level 4 or 5
     * @param subscribe false for UNSUBACK
     * @param packetId which request
     * @param codes one for each filter; 3.1.1's UNSUBACK has none
     * @param reason for people, or null; not in 3.1.1
     * @param maxPacketSize the client's; a reason that exceeds it is left out ([MQTT-3.9.2-1], [MQTT-3.11.2-1])
     * @return the packet
     */
    public static ByteBuf subscriptions(
            ByteBufAllocator alloc,
            int level,
            boolean subscribe,
            int packetId,
            byte[] codes,
            @Nullable String reason,
            int maxPacketSize) {
        ByteBuf body = alloc.ioBuffer(16 + codes.length).writeShort(packetId);
        if (level == 5) {
            reasonProperties(body, fits(reason, 2 + codes.length, maxPacketSize) ? reason : null);
        }
        if (level == 5 || subscribe) {
            body.writeBytes(codes);
        }
        return packet(alloc, subscribe ? SUBACK : UNSUBACK, body);
    }

    /**
     * MQTT 5's DISCONNECT.
     *
     * @param alloc makes the buffer
     * @param code the reason
     * @param reason for people, or null
     * @param maxPacketSize the client's; a reason that exceeds it is left out ([MQTT-3.14.2-3])
     * @return the packet
     */
    public static ByteBuf disconnect(
            ByteBufAllocator alloc, ReasonCode code, @Nullable String reason, int maxPacketSize) {
        ByteBuf body = alloc.ioBuffer(16).writeByte(code.wire());
        if (reason != null && fits(reason, 1, maxPacketSize)) {
            reasonProperties(body, reason);
        }
        return packet(alloc, DISCONNECT, body);
    }

    /**
     * MQTT 5's AUTH.
     *
     * @param alloc makes the buffer
     * @param code 0x00 or 0x18
     * @param properties the method and its data
     * @return the packet
     */
    public static ByteBuf authentication(ByteBufAllocator alloc, int code, PropertyWriter properties) {
        ByteBuf body = alloc.ioBuffer(64).writeByte(code);
        properties.writeTo(body);
        return packet(alloc, AUTH, body);
    }

    private static ByteBuf packet(ByteBufAllocator alloc, int first, ByteBuf body) {
        ByteBuf packet = alloc.ioBuffer(5 + body.readableBytes()).writeByte(first);
        PropertyWriter.variable(packet, body.readableBytes());
        packet.writeBytes(body);
        body.release();
        return packet;
    }

    private static void reasonProperties(ByteBuf body, @Nullable String reason) {
        PropertyWriter properties = new PropertyWriter();
        if (reason != null) {
            properties.string(REASON_STRING, cut(reason));
        }
        properties.writeTo(body);
    }

    /** Whether a packet with so many other bytes may have a reason string. */
    private static boolean fits(@Nullable String reason, int otherBytes, int maxPacketSize) {
        if (reason == null || maxPacketSize > otherBytes + FIXED_HEADER + MAX_REASON_BYTES + REASON_OVERHEAD) {
            return true;
        }
        int length = cut(reason).getBytes(StandardCharsets.UTF_8).length;
        return otherBytes + FIXED_HEADER + length + REASON_OVERHEAD <= maxPacketSize;
    }

    /** Messages may quote long names; a reason string is for people. */
    private static String cut(String reason) {
        if (reason.getBytes(StandardCharsets.UTF_8).length <= MAX_REASON_BYTES) {
            return reason;
        }
        int end = MAX_REASON_BYTES / 4;
        return reason.substring(0, Character.isHighSurrogate(reason.charAt(end - 1)) ? end - 1 : end) + "...";
    }
}
