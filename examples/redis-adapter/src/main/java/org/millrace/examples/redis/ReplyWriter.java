package org.millrace.examples.redis;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes replies in the Redis serialization protocol, version 2 or 3. */
final class ReplyWriter {
    private ReplyWriter() {}

    static void write(Reply reply, int version, ByteBuf out) {
        switch (reply) {
            case Reply.Simple(String text) -> line('+', text, out);
            case Reply.Failure(String text) -> line('-', text, out);
            case Reply.Whole(long number) -> line(':', Long.toString(number), out);
            case Reply.Bulk(byte[] bytes) -> {
                if (bytes == null) {
                    line(version == 3 ? '_' : '$', version == 3 ? "" : "-1", out);
                } else {
                    line('$', Integer.toString(bytes.length), out);
                    out.writeBytes(bytes);
                    out.writeShort('\r' << 8 | '\n');
                }
            }
            case Reply.Items(List<Reply> items) -> group('*', items.size(), items, version, out);
            case Reply.Pairs(List<Reply> items) ->
                group(version == 3 ? '%' : '*', version == 3 ? items.size() / 2 : items.size(), items, version, out);
            case Reply.Push(List<Reply> items) -> group(version == 3 ? '>' : '*', items.size(), items, version, out);
        }
    }

    private static void group(char type, int count, List<Reply> items, int version, ByteBuf out) {
        line(type, Integer.toString(count), out);
        for (Reply item : items) {
            write(item, version, out);
        }
    }

    private static void line(char type, String text, ByteBuf out) {
        out.writeByte(type);
        if (text.length() <= 20) {
            ByteBufUtil.writeAscii(out, text);
        } else {
            out.writeCharSequence(text, StandardCharsets.UTF_8);
        }
        out.writeShort('\r' << 8 | '\n');
    }
}
