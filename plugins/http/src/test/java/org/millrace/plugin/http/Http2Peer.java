package org.millrace.plugin.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.millrace.testkit.RawPeer;

/** A client of HTTP/2 that sends any frame, legal or not. */
final class Http2Peer implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;

    static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** One frame as it came. */
    record Frame(int type, int flags, int stream, byte[] payload) {
        boolean ends() {
            return (flags & END_STREAM) != 0;
        }

        /** The error of a GOAWAY or RST_STREAM. */
        int error() {
            ByteBuffer bytes = ByteBuffer.wrap(payload);
            return type == GOAWAY ? bytes.getInt(4) : bytes.getInt(0);
        }
    }

    /** A whole answer. */
    record Reply(Http2Headers headers, String body) {
        String status() {
            return headers.status().toString();
        }
    }

    final RawPeer raw;
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);

    Http2Peer(RawPeer raw) {
        this.raw = raw;
    }

    /** Sends the preface and settings: pairs of identifier and value. */
    Http2Peer begin(int... settings) {
        raw.send(PREFACE);
        ByteBuffer payload = ByteBuffer.allocate(settings.length * 3);
        for (int i = 0; i < settings.length; i += 2) {
            payload.putShort((short) settings[i]).putInt(settings[i + 1]);
        }
        return send(SETTINGS, 0, 0, payload.array());
    }

    static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putShort((short) (payload.length >> 8))
                .put((byte) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    Http2Peer send(int type, int flags, int stream, byte... payload) {
        raw.send(frame(type, flags, stream, payload));
        return this;
    }

    /** A header block of literals (RFC 7541 section 6.2.2), in the order given. */
    byte[] block(String... fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < fields.length; i += 2) {
            out.write(0);
            literal(out, fields[i]);
            literal(out, fields[i + 1]);
        }
        return out.toByteArray();
    }

    private static void literal(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length < 127) {
            out.write(bytes.length);
        } else {
            out.write(127);
            int rest = bytes.length - 127;
            while (rest >= 128) {
                out.write(rest & 127 | 128);
                rest >>= 7;
            }
            out.write(rest);
        }
        out.writeBytes(bytes);
    }

    Http2Peer headers(int stream, int flags, String... fields) {
        return send(HEADERS, END_HEADERS | flags, stream, block(fields));
    }

    Http2Peer get(int stream, String path, String... more) {
        return headers(stream, END_STREAM, request("GET", path, more));
    }

    Http2Peer put(int stream, String path, String body) {
        return headers(stream, 0, request("PUT", path))
                .send(DATA, END_STREAM, stream, body.getBytes(StandardCharsets.UTF_8));
    }

    static String[] request(String method, String path, String... more) {
        String[] all = new String[8 + more.length];
        String[] pseudo = {":method", method, ":scheme", "http", ":path", path, ":authority", "x"};
        System.arraycopy(pseudo, 0, all, 0, 8);
        System.arraycopy(more, 0, all, 8, more.length);
        return all;
    }

    Frame next() {
        ByteBuffer head = ByteBuffer.wrap(raw.read(9));
        int length = (head.getShort() & 0xffff) << 8 | head.get() & 0xff;
        int type = head.get();
        int flags = head.get();
        int stream = head.getInt() & 0x7fffffff;
        return new Frame(type, flags, stream, raw.read(length));
    }

    /** The next frame of a type; those before it are passed over, but for the head of answers, which HPACK needs. */
    Frame next(int type) {
        while (true) {
            Frame frame = next();
            if (frame.type == type) {
                return frame;
            }
            if (frame.type == HEADERS) {
                decode(frame);
            }
        }
    }

    Http2Headers decode(Frame frame) {
        try {
            return decoder.decodeHeaders(frame.stream, Unpooled.wrappedBuffer(frame.payload));
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The answer to the only request under way. */
    Reply reply() {
        Frame head = next(HEADERS);
        Http2Headers headers = decode(head);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean ended = head.ends();
        while (!ended) {
            Frame frame = next(DATA);
            body.writeBytes(frame.payload);
            ended = frame.ends();
        }
        return new Reply(headers, body.toString(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        raw.close();
    }
}
