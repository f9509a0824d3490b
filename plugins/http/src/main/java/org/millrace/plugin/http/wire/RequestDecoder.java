package org.millrace.plugin.http.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Netty's request decoder with a gate in front, so that no request is decoded before there is room for it: what a
 * client pipelines stays in the one read buffer. It refuses what Netty takes leniently and what has been used to smuggle
 * requests: two lengths for one body (RFC 9112 section 6.3), folded header lines (section 5.2) and chunk sizes that are
 * not plain hexadecimal (section 7.1). Used on the connection's event loop only.
 */
public final class RequestDecoder extends HttpRequestDecoder {
    /** How an HTTP/2 client begins (RFC 9113 section 3.4). */
    private static final byte[] HTTP2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final BooleanSupplier gate;
    private final Runnable http2;

    private boolean begun;
    private boolean decoding;
    private boolean inBody;
    private boolean headBegun;
    private boolean broken;
    private boolean endHeldBack;

    /**
     * Makes a decoder for one connection.
     *
     * @param limits lengths and rules; copied
     * @param gate asked before each step whether the connection takes more
     * @param http2 told if the client's first bytes are HTTP/2's; removes this decoder, which hands on what has come
     */
    public RequestDecoder(HttpDecoderConfig limits, BooleanSupplier gate, Runnable http2) {
        super(limits);
        this.gate = gate;
        this.http2 = http2;
    }

    /**
     * Whether the first bytes of a request have come and its head is not complete.
     *
     * @return true while a head is being received
     */
    public boolean isInHead() {
        return !inBody && !broken && (headBegun || actualReadableBytes() > 0);
    }

    /**
     * Whether something could not be read, so that what follows is dropped.
     *
     * @return true after a failure was handed on
     */
    public boolean isBroken() {
        return broken;
    }

    /**
     * Goes on with bytes that the gate held back.
     *
     * @param context this decoder's context
     * @throws Exception as the decoder's {@code channelRead}
     */
    public void resume(ChannelHandlerContext context) throws Exception {
        if (!decoding && actualReadableBytes() > 0 && gate.getAsBoolean()) {
            channelRead(context, Unpooled.EMPTY_BUFFER);
        }
        if (endHeldBack && (actualReadableBytes() == 0 || gate.getAsBoolean())) {
            endHeldBack = false;
            super.userEventTriggered(context, ChannelInputShutdownEvent.INSTANCE);
        }
    }

    /** Keeps the end of the input behind the bytes that the gate holds back. */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof ChannelInputShutdownEvent && actualReadableBytes() > 0 && !gate.getAsBoolean()) {
            endHeldBack = true;
            return;
        }
        super.userEventTriggered(context, event);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        boolean outermost = !decoding;
        decoding = true;
        try {
            super.channelRead(context, message);
        } finally {
            if (outermost) {
                decoding = false;
            }
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf buffer, List<Object> out) throws Exception {
        if (!gate.getAsBoolean()) {
            return;
        }
        if (broken) {
            buffer.skipBytes(buffer.readableBytes());
            return;
        }
        if (!begun) {
            int same = http2Bytes(buffer);
            if (same == HTTP2.length) {
                http2.run();
                return;
            }
            if (same == buffer.readableBytes()) {
                return;
            }
            begun = true;
        }
        if (!inBody && hasFoldedLine(buffer)) {
            refuse(buffer, out);
            return;
        }
        int before = buffer.readerIndex();
        int decoded = out.size();
        super.decode(context, buffer, out);
        headBegun |= buffer.readerIndex() > before;
        for (int i = decoded; i < out.size(); i++) {
            note((HttpObject) out.get(i));
        }
    }

    private static int http2Bytes(ByteBuf buffer) {
        int same = 0;
        int n = Math.min(HTTP2.length, buffer.readableBytes());
        while (same < n && buffer.getByte(buffer.readerIndex() + same) == HTTP2[same]) {
            same++;
        }
        return same;
    }

    private void note(HttpObject object) {
        if (object.decoderResult().isFailure()) {
            broken = true;
        }
        if (object instanceof HttpMessage) {
            inBody = true;
            headBegun = false;
        }
        if (object instanceof LastHttpContent) {
            inBody = false;
        }
    }

    /** Whether a line of the head begins with white space, and is not the first. */
    private boolean hasFoldedLine(ByteBuf buffer) {
        int from = buffer.readerIndex();
        int end = buffer.writerIndex();
        if (headBegun && from < end && isBlank(buffer.getByte(from))) {
            return true;
        }
        int lineStart = from;
        while (true) {
            int feed = buffer.indexOf(lineStart, end, (byte) '\n');
            if (feed < 0 || feed + 1 >= end) {
                return false;
            }
            boolean empty = feed == lineStart || feed == lineStart + 1 && buffer.getByte(lineStart) == '\r';
            boolean first = lineStart == from && !headBegun;
            if (empty && !first) {
                return false;
            }
            if (!empty && isBlank(buffer.getByte(feed + 1))) {
                return true;
            }
            lineStart = feed + 1;
        }
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private void refuse(ByteBuf buffer, List<Object> out) {
        buffer.skipBytes(buffer.readableBytes());
        HttpMessage message = createInvalidMessage();
        message.setDecoderResult(
                DecoderResult.failure(new IllegalArgumentException("a header line is folded (RFC 9112 section 5.2)")));
        broken = true;
        out.add(message);
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("both Content-Length and Transfer-Encoding are given");
    }
}
