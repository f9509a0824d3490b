package org.millrace.plugin.websocket.envelope;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** JSON (RFC 8259). */
final class JsonEncoding implements Encoding {
    private static final String HEX = "0123456789abcdef";

    @Override
    public int around(int fields, int separators) {
        return 2 + separators;
    }

    @Override
    public void openMap(ByteBuf out, int fields) {
        out.writeByte('{');
    }

    @Override
    public void closeMap(ByteBuf out) {
        out.writeByte('}');
    }

    @Override
    public void separate(ByteBuf out) {
        out.writeByte(',');
    }

    @Override
    public void openList(ByteBuf out, int elements) {
        out.writeByte('[');
    }

    @Override
    public void closeList(ByteBuf out) {
        out.writeByte(']');
    }

    @Override
    public void name(ByteBuf out, String name) {
        out.writeByte('"');
        ByteBufUtil.writeAscii(out, name);
        out.writeByte('"').writeByte(':');
    }

    @Override
    public void text(ByteBuf out, String text) {
        StringBuilder json = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < 0x20) {
                json.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            } else {
                json.append(c);
            }
        }
        out.writeCharSequence(json.append('"'), StandardCharsets.UTF_8);
    }

    @Override
    public void integer(ByteBuf out, long number) {
        ByteBufUtil.writeAscii(out, Long.toString(number));
    }

    @Override
    public void bytes(ByteBuf out, byte[] bytes) {
        out.writeByte('"');
        out.writeBytes(Base64.getEncoder().encode(bytes));
        out.writeByte('"');
    }
}
