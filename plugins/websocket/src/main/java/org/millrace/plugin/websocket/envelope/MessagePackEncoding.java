package org.millrace.plugin.websocket.envelope;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** MessagePack, in its shortest forms. */
final class MessagePackEncoding implements Encoding {
    @Override
    public int around(int fields, int separators) {
        return fields < 16 ? 1 : 3;
    }

    @Override
    public void openMap(ByteBuf out, int fields) {
        if (fields < 16) {
            out.writeByte(0x80 | fields);
        } else {
            out.writeByte(0xde).writeShort(fields);
        }
    }

    @Override
    public void closeMap(ByteBuf out) {
        // A map says its length at its beginning.
    }

    @Override
    public void separate(ByteBuf out) {
        // Values follow each other as they are.
    }

    @Override
    public void openList(ByteBuf out, int elements) {
        if (elements < 16) {
            out.writeByte(0x90 | elements);
        } else {
            out.writeByte(0xdc).writeShort(elements);
        }
    }

    @Override
    public void closeList(ByteBuf out) {
        // A list says its length at its beginning.
    }

    @Override
    public void name(ByteBuf out, String name) {
        text(out, name);
    }

    @Override
    public void text(ByteBuf out, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        if (utf8.length < 32) {
            out.writeByte(0xa0 | utf8.length);
        } else if (utf8.length < 0x100) {
            out.writeByte(0xd9).writeByte(utf8.length);
        } else if (utf8.length < 0x10000) {
            out.writeByte(0xda).writeShort(utf8.length);
        } else {
            out.writeByte(0xdb).writeInt(utf8.length);
        }
        out.writeBytes(utf8);
    }

    @Override
    public void integer(ByteBuf out, long number) {
        if (number >= -32 && number < 128) {
            out.writeByte((int) number);
        } else if (number == (int) number) {
            out.writeByte(0xd2).writeInt((int) number);
        } else {
            out.writeByte(0xd3).writeLong(number);
        }
    }

    @Override
    public void bytes(ByteBuf out, byte[] bytes) {
        if (bytes.length < 0x100) {
            out.writeByte(0xc4).writeByte(bytes.length);
        } else if (bytes.length < 0x10000) {
            out.writeByte(0xc5).writeShort(bytes.length);
        } else {
            out.writeByte(0xc6).writeInt(bytes.length);
        }
        out.writeBytes(bytes);
    }
}
