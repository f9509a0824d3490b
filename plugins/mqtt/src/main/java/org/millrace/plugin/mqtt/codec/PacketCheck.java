package org.millrace.plugin.mqtt.codec;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.millrace.plugin.mqtt.codec.PropertyRule.Bearer;

/**
 * The rules for a packet's bytes that Netty's decoder does not apply. It does apply those for UTF-8, U+0000, wildcards in
 * topic names, fixed header flags, packet identifiers of zero and left-over bytes. Stateless.
 */
final class PacketCheck {
    private static final int PUBLISH = 3;
    private static final int PUBACK = 4;
    private static final int PUBCOMP = 7;
    private static final int SUBSCRIBE = 8;
    private static final int UNSUBSCRIBE = 10;
    private static final int DISCONNECT = 14;
    private static final int AUTH = 15;

    private PacketCheck() {}

    /**
     * The protocol level a CONNECT packet claims.
     *
     * @param body what follows the fixed header; its reader index is left alone
     * @return the level, or 0 if the packet is too short to say
     */
    static int claimedLevel(ByteBuf body) {
        int start = body.readerIndex();
        int at = body.readableBytes() < 2 ? -1 : 2 + body.getUnsignedShort(start);
        return at >= 0 && at < body.readableBytes() ? body.getUnsignedByte(start + at) : 0;
    }

    /**
     * Checks a CONNECT packet as far as Netty does not.
     *
     * @param body what follows the fixed header
     * @throws MqttViolation {@link ReasonCode#UNSUPPORTED_PROTOCOL_VERSION} for any other protocol
     */
    static void connect(ByteBuf body) {
        int nameLength = unsignedShort(body);
        int nameStart = body.readerIndex();
        skip(body, nameLength);
        String name = body.toString(nameStart, Math.min(nameLength, 16), StandardCharsets.UTF_8);
        int level = unsignedByte(body);
        if (!name.equals("MQTT") || (level != 4 && level != 5)) {
            throw new MqttViolation(
                    ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
                    "protocol '" + printable(name) + "' level " + level
                            + " is not supported; use MQTT 3.1.1 ('MQTT' level 4) or MQTT 5 (level 5)");
        }
        int flags = unsignedByte(body);
        boolean will = (flags & 0x04) != 0;
        int willQos = flags >> 3 & 3;
        if ((flags & 0x01) != 0) {
            throw MqttViolation.malformed("CONNECT's reserved flag must be 0"); // [MQTT-3.1.2-3]
        }
        if (!will && (flags & 0x38) != 0) {
            throw MqttViolation.malformed("CONNECT without a will must not have a will QoS or will retain");
        }
        if (willQos == 3) {
            throw MqttViolation.malformed("CONNECT's will QoS is 3"); // [MQTT-3.1.2-12]
        }
        if (level == 4 && (flags & 0xC0) == 0x40) {
            throw MqttViolation.malformed("CONNECT has a password without a user name"); // 3.1.1 [MQTT-3.1.2-22]
        }
        skip(body, 2);
        if (level == 5) {
            PropertyRule.check(body, Bearer.CONNECT);
            skip(body, unsignedShort(body));
            if (will) {
                PropertyRule.check(body, Bearer.WILL);
            }
        }
    }

    /**
     * Checks any other packet.
     *
     * @param first the first byte of the fixed header
     * @param level the connection's protocol level
     * @param body what follows the fixed header
     */
    static void packet(int first, int level, ByteBuf body) {
        int type = first >> 4;
        switch (type) {
            case PUBLISH -> publish(first, level, body);
            case SUBSCRIBE -> subscribe(level, body);
            case UNSUBSCRIBE -> {
                skip(body, 2);
                if (level == 5) {
                    PropertyRule.check(body, Bearer.UNSUBSCRIBE);
                }
                if (!body.isReadable()) {
                    throw MqttViolation.protocolError("UNSUBSCRIBE has no topic filter"); // [MQTT-3.10.3-2]
                }
            }
            case DISCONNECT, AUTH -> tail(level, body, 0, type == AUTH ? Bearer.AUTH : Bearer.DISCONNECT);
            default -> {
                if (type >= PUBACK && type <= PUBCOMP) {
                    tail(level, body, 2, Bearer.ACKNOWLEDGEMENT);
                }
            }
        }
    }

    private static void publish(int first, int level, ByteBuf body) {
        int qos = first >> 1 & 3;
        if (qos == 0 && (first & 0x08) != 0) {
            throw MqttViolation.malformed("PUBLISH of QoS 0 must not have the DUP flag"); // [MQTT-3.3.1-2]
        }
        int length = unsignedShort(body);
        int start = body.readerIndex();
        skip(body, length);
        if (body.forEachByte(start, length, b -> b != '+' && b != '#') >= 0) {
            throw new MqttViolation(
                    ReasonCode.TOPIC_NAME_INVALID, "PUBLISH's topic name holds a wildcard"); // [MQTT-3.3.2-2]
        }
        if (qos > 0) {
            skip(body, 2);
        }
        if (level == 5) {
            PropertyRule.check(body, Bearer.PUBLISH);
        }
    }

    private static void subscribe(int level, ByteBuf body) {
        skip(body, 2);
        if (level == 5) {
            PropertyRule.check(body, Bearer.SUBSCRIBE);
        }
        if (!body.isReadable()) {
            throw MqttViolation.protocolError("SUBSCRIBE has no topic filter"); // [MQTT-3.8.3-2]
        }
        while (body.isReadable()) {
            int length = unsignedShort(body);
            boolean shared = length >= 7
                    && body.readableBytes() >= 7
                    && body.toString(body.readerIndex(), 7, StandardCharsets.US_ASCII)
                            .equals("$share/");
            skip(body, length);
            int options = unsignedByte(body);
            if ((options & (level == 5 ? 0xC0 : 0xFC)) != 0) {
                throw MqttViolation.malformed("SUBSCRIBE has reserved bits in its options"); // [MQTT-3.8.3-5]
            }
            if ((options & 3) == 3 || (options & 0x30) == 0x30) {
                throw MqttViolation.protocolError("SUBSCRIBE asks for QoS 3 or retain handling 3");
            }
            if (level == 5 && shared && (options & 0x04) != 0) {
                throw MqttViolation.protocolError("SUBSCRIBE asks for no-local on a shared subscription"); // 3.8.3-4
            }
        }
    }

    /** A reason code and properties, which may both be left away in MQTT 5 and do not exist in 3.1.1. */
    private static void tail(int level, ByteBuf body, int before, Bearer bearer) {
        skip(body, before);
        if (level == 4) {
            if (body.isReadable()) {
                throw MqttViolation.malformed(bearer + " has " + body.readableBytes() + " bytes too many");
            }
        } else if (body.isReadable()) {
            skip(body, 1);
            if (body.isReadable()) {
                PropertyRule.check(body, bearer);
            }
        }
    }

    static int unsignedByte(ByteBuf body) {
        need(body, 1);
        return body.readUnsignedByte();
    }

    static int unsignedShort(ByteBuf body) {
        need(body, 2);
        return body.readUnsignedShort();
    }

    static int fourBytes(ByteBuf body) {
        need(body, 4);
        return body.readInt();
    }

    static void skip(ByteBuf body, int bytes) {
        need(body, bytes);
        body.skipBytes(bytes);
    }

    static int variableInteger(ByteBuf body) {
        int value = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            int digit = unsignedByte(body);
            value |= (digit & 0x7f) << shift;
            if ((digit & 0x80) == 0) {
                if (digit == 0 && shift > 0) {
                    throw MqttViolation.malformed("a number uses more bytes than needed"); // [MQTT-1.5.5-1]
                }
                return value;
            }
        }
        throw MqttViolation.malformed("a number has more than four bytes");
    }

    private static void need(ByteBuf body, int bytes) {
        if (body.readableBytes() < bytes) {
            throw MqttViolation.malformed("the packet ends in the middle of a field");
        }
    }

    private static String printable(String name) {
        StringBuilder shown = new StringBuilder();
        name.codePoints().forEach(c -> shown.appendCodePoint(Character.isISOControl(c) ? '.' : c));
        return shown.toString();
    }
}
