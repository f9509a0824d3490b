package org.millrace.plugin.websocket.envelope;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** CBOR (RFC 8949), in its shortest forms. */
final class CborEncoding implements Encoding {
    private static final int UNSIGNED = 0;
    private static final int NEGATIVE = 1;
    private static final int BYTES = 2;
    private static final int TEXT = 3;
    private static final int LIST = 4;
    private static final int MAP = 5;

    /** A data item's head (section 3). */
    private static void head(ByteBuf out, int major, long argument) {
        int type = major << 5;
        if (argument >= 0 && argument < 24) {
            out.writeByte(type | (int) argument);
        } else if (argument >= 0 && argument < 0x100) {
            out.writeByte(type | 24).writeByte((int) argument);
        } else if (argument >= 0 && argument < 0x10000) {
            out.writeByte(type | 25).writeShort((int) argument);
        } else if (argument >= 0 && argument < 0x1_0000_0000L) {
            out.writeByte(type | 26).writeInt((int) argument);
        } else {
            out.writeByte(type | 27).writeLong(argument);
        }
    }

    @Override
    public int around(int fields, int separators) {
        return fields < 24 ? 1 : fields < 0x100 ? 2 : 3;
    }

    @Override
    public void openMap(ByteBuf out, int fields) {
        head(out, MAP, fields);
    }

    @Override
    public void closeMap(ByteBuf out) {
        // A map of known length has no end mark.
    }

    @Override
    public void separate(ByteBuf out) {
        // Data items follow each other as they are.
    }

    @Override
    public void openList(ByteBuf out, int elements) {
        head(out, LIST, elements);
    }

    @Override
    public void closeList(ByteBuf out) {
        // A list of known length has no end mark.
    }

    @Override
    public void name(ByteBuf out, String name) {
        text(out, name);
    }

    @Override
    public void text(ByteBuf out, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        head(out, TEXT, utf8.length);
        out.writeBytes(utf8);
    }

    @Override
    public void integer(ByteBuf out, long number) {
        head(out, number < 0 ? NEGATIVE : UNSIGNED, number < 0 ? ~number : number);
    }

    @Override
    public void bytes(ByteBuf out, byte[] bytes) {
        head(out, BYTES, bytes.length);
        out.writeBytes(bytes);
    }
}
