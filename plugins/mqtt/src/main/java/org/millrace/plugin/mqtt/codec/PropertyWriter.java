package org.millrace.plugin.mqtt.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Collects the properties of one packet (MQTT 5 section 2.2.2). For one thread and one packet. */
public final class PropertyWriter {
    private final ByteBuf properties = Unpooled.buffer(32);

    /**
     * Adds a one-byte number.
     *
     * @param id the property
     * @param value 0 to 255
     * @return this writer
     */
    public PropertyWriter oneByte(int id, int value) {
        properties.writeByte(id).writeByte(value);
        return this;
    }

    /**
     * Adds a two-byte number.
     *
     * @param id the property
     * @param value 0 to 65,535
     * @return this writer
     */
    public PropertyWriter twoBytes(int id, int value) {
        properties.writeByte(id).writeShort(value);
        return this;
    }

    /**
     * Adds a four-byte number.
     *
     * @param id the property
     * @param value unsigned
     * @return this writer
     */
    public PropertyWriter fourBytes(int id, long value) {
        properties.writeByte(id).writeInt((int) value);
        return this;
    }

    /**
     * Adds a text.
     *
     * @param id the property
     * @param value at most 65,535 bytes of UTF-8
     * @return this writer
     */
    public PropertyWriter string(int id, String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        properties.writeByte(id).writeShort(utf8.length).writeBytes(utf8);
        return this;
    }

    /**
     * Adds bytes.
     *
     * @param id the property
     * @param value at most 65,535 bytes
     * @return this writer
     */
    public PropertyWriter binary(int id, byte[] value) {
        properties.writeByte(id).writeShort(value.length).writeBytes(value);
        return this;
    }

    void writeTo(ByteBuf body) {
        variable(body, properties.readableBytes());
        body.writeBytes(properties);
    }

    /**
     * Writes a variable byte integer (section 1.5.5).
     *
     * @param out where to
     * @param value at most 268,435,455
     */
    public static void variable(ByteBuf out, int value) {
        int rest = value;
        while (rest >= 0x80) {
            out.writeByte(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }

    /**
     * The size of a variable byte integer.
     *
     * @param value at most 268,435,455
     * @return 1 to 4
     */
    public static int variableSize(int value) {
        return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;
    }
}
