package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.exchange.Answer;
import org.millrace.plugin.http.wire.Field;
import org.millrace.plugin.http.wire.Head;

/** Puts answers into HTTP/1.1's form (RFC 9112). */
final class AnswerEncoder {
    /** Up to this size a body is copied behind its head, so that both are one write. */
    private static final int COPIED = 16 * 1024;

    private static final int HEAD_ROOM = 384;

    private final Head head;

    AnswerEncoder(Head head) {
        this.head = head;
    }

    /** How a request wants to be answered. */
    record Manner(boolean keepAlive, boolean http10, boolean headOnly) {}

    /** A whole answer: its head, with a small body behind it. A large body is left to {@link #separateBody}. */
    ByteBuf whole(ByteBufAllocator allocator, Answer answer, Manner manner) {
        ByteBuffer body = answer.body();
        int size = body.remaining();
        boolean copied = size <= COPIED && !manner.headOnly;
        ByteBuf out = allocator.ioBuffer(HEAD_ROOM + (copied ? size : 0));
        begin(out, answer, manner);
        // RFC 9110 section 8.6: no length with 204; with 304 it would be that of the 200, which costs a transcoding.
        if (answer.status() != 204 && answer.status() != 304) {
            head.contentLength(out, size);
        }
        head.end(out);
        if (copied) {
            out.writeBytes(body.duplicate());
        }
        return out;
    }

    /** The body that {@link #whole} left away; null if there is none. */
    @Nullable
    ByteBuf separateBody(Answer answer, Manner manner) {
        return manner.headOnly || answer.body().remaining() <= COPIED ? null : Unpooled.wrappedBuffer(answer.body());
    }

    /** The head of an answer whose body follows in parts. */
    ByteBuf streamed(ByteBufAllocator allocator, Answer answer, Manner manner, boolean chunked) {
        ByteBuf out = allocator.ioBuffer(HEAD_ROOM);
        begin(out, answer, manner);
        if (chunked) {
            head.line(out, Field.CHUNKED);
        }
        head.end(out);
        return out;
    }

    private void begin(ByteBuf out, Answer answer, Manner manner) {
        head.begin(out, answer.status(), manner.keepAlive, manner.http10);
        optional(out, Field.CONTENT_TYPE, answer.contentType());
        optional(out, Field.ETAG, answer.etag());
        optional(out, Field.LOCATION, answer.location());
        if (answer.lastModified() >= 0) {
            head.lastModified(out, answer.lastModified());
        }
        if (answer.isNegotiated()) {
            head.line(out, Field.NEGOTIATED);
        }
        List<String> more = answer.fields();
        for (int i = 0; i + 1 < more.size(); i += 2) {
            head.field(out, more.get(i), more.get(i + 1));
        }
    }

    private void optional(ByteBuf out, Field field, @Nullable String value) {
        if (value != null) {
            head.field(out, field, value);
        }
    }
}
