package org.millrace.plugin.mqtt.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What a client's packets may carry as properties: the table of MQTT 5 section 2.2.2.2, less what only a server sends.
 */
enum PropertyRule {
    PAYLOAD_FORMAT_INDICATOR(0x01, Shape.BOOLEAN, Bearer.PUBLISH, Bearer.WILL),
    MESSAGE_EXPIRY_INTERVAL(0x02, Shape.FOUR_BYTES, Bearer.PUBLISH, Bearer.WILL),
    CONTENT_TYPE(0x03, Shape.STRING, Bearer.PUBLISH, Bearer.WILL),
    RESPONSE_TOPIC(0x08, Shape.STRING, Bearer.PUBLISH, Bearer.WILL),
    CORRELATION_DATA(0x09, Shape.BINARY, Bearer.PUBLISH, Bearer.WILL),
    SUBSCRIPTION_IDENTIFIER(0x0B, Shape.VARIABLE_NOT_ZERO, Bearer.SUBSCRIBE),
    SESSION_EXPIRY_INTERVAL(0x11, Shape.FOUR_BYTES, Bearer.CONNECT, Bearer.DISCONNECT),
    AUTHENTICATION_METHOD(0x15, Shape.STRING, Bearer.CONNECT, Bearer.AUTH),
    AUTHENTICATION_DATA(0x16, Shape.BINARY, Bearer.CONNECT, Bearer.AUTH),
    REQUEST_PROBLEM_INFORMATION(0x17, Shape.BOOLEAN, Bearer.CONNECT),
    WILL_DELAY_INTERVAL(0x18, Shape.FOUR_BYTES, Bearer.WILL),
    REQUEST_RESPONSE_INFORMATION(0x19, Shape.BOOLEAN, Bearer.CONNECT),
    REASON_STRING(0x1F, Shape.STRING, Bearer.ACKNOWLEDGEMENT, Bearer.DISCONNECT, Bearer.AUTH),
    RECEIVE_MAXIMUM(0x21, Shape.TWO_BYTES_NOT_ZERO, Bearer.CONNECT),
    TOPIC_ALIAS_MAXIMUM(0x22, Shape.TWO_BYTES, Bearer.CONNECT),
    TOPIC_ALIAS(0x23, Shape.TWO_BYTES, Bearer.PUBLISH),
    USER_PROPERTY(
            0x26,
            Shape.STRING_PAIR,
            Bearer.CONNECT,
            Bearer.WILL,
            Bearer.PUBLISH,
            Bearer.ACKNOWLEDGEMENT,
            Bearer.SUBSCRIBE,
            Bearer.UNSUBSCRIBE,
            Bearer.DISCONNECT,
            Bearer.AUTH),
    MAXIMUM_PACKET_SIZE(0x27, Shape.FOUR_BYTES_NOT_ZERO, Bearer.CONNECT);

    /** What carries properties. */
    enum Bearer {
        CONNECT,
        WILL,
        PUBLISH,
        ACKNOWLEDGEMENT,
        SUBSCRIBE,
        UNSUBSCRIBE,
        DISCONNECT,
        AUTH
    }

    private enum Shape {
        BOOLEAN,
        TWO_BYTES,
        TWO_BYTES_NOT_ZERO,
        FOUR_BYTES,
        FOUR_BYTES_NOT_ZERO,
        VARIABLE_NOT_ZERO,
        STRING,
        BINARY,
        STRING_PAIR
    }

    private static final @Nullable PropertyRule[] BY_ID = new @Nullable PropertyRule[0x2B];

    static {
        for (PropertyRule rule : values()) {
            BY_ID[rule.id] = rule;
        }
    }

    private final int id;
    private final Shape shape;
    private final int bearers;

    PropertyRule(int id, Shape shape, Bearer... bearers) {
        this.id = id;
        this.shape = shape;
        int mask = 0;
        for (Bearer bearer : bearers) {
            mask |= 1 << bearer.ordinal();
        }
        this.bearers = mask;
    }

    /**
     * Reads over a property section.
     *
     * @param body at the property length; stands after the properties on return
     * @param bearer what carries them
     * @throws MqttViolation if a property is unknown, not for this bearer, repeated, out of range, or longer than the
     *     section
     */
    static void check(ByteBuf body, Bearer bearer) {
        int length = PacketCheck.variableInteger(body);
        int end = body.readerIndex() + length;
        if (length > body.readableBytes()) {
            throw MqttViolation.malformed("the properties of " + bearer + " exceed the packet");
        }
        int seen = 0;
        while (body.readerIndex() < end) {
            int id = PacketCheck.variableInteger(body);
            PropertyRule rule = id < BY_ID.length ? BY_ID[id] : null;
            if (rule == null || (rule.bearers & 1 << bearer.ordinal()) == 0) {
                throw MqttViolation.malformed(
                        "property 0x" + Integer.toHexString(id) + " is not allowed in " + bearer); // section 2.2.2.2
            }
            if (rule != USER_PROPERTY && (seen & 1 << rule.ordinal()) != 0) {
                throw MqttViolation.protocolError(rule + " must not be repeated in " + bearer);
            }
            seen |= 1 << rule.ordinal();
            rule.read(body);
        }
        if (body.readerIndex() != end) {
            throw MqttViolation.malformed("a property of " + bearer + " exceeds the property length");
        }
        if ((seen & 1 << AUTHENTICATION_DATA.ordinal()) != 0 && (seen & 1 << AUTHENTICATION_METHOD.ordinal()) == 0) {
            throw MqttViolation.protocolError(
                    "AUTHENTICATION_DATA without AUTHENTICATION_METHOD"); // section 3.1.2.11.10
        }
    }

    private void read(ByteBuf body) {
        switch (shape) {
            case BOOLEAN -> {
                int value = PacketCheck.unsignedByte(body);
                if (value > 1) {
                    throw MqttViolation.protocolError(this + " must be 0 or 1, found " + value);
                }
            }
            case TWO_BYTES -> PacketCheck.unsignedShort(body);
            case TWO_BYTES_NOT_ZERO -> notZero(PacketCheck.unsignedShort(body));
            case FOUR_BYTES -> PacketCheck.skip(body, 4);
            case FOUR_BYTES_NOT_ZERO -> notZero(PacketCheck.fourBytes(body));
            case VARIABLE_NOT_ZERO -> notZero(PacketCheck.variableInteger(body));
            case STRING, BINARY -> PacketCheck.skip(body, PacketCheck.unsignedShort(body));
            case STRING_PAIR -> {
                PacketCheck.skip(body, PacketCheck.unsignedShort(body));
                PacketCheck.skip(body, PacketCheck.unsignedShort(body));
            }
        }
    }

    private void notZero(int value) {
        if (value == 0) {
            throw MqttViolation.protocolError(this + " must not be 0");
        }
    }
}
