package org.millrace.plugin.http.connection;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.http.problem.Problems;

/** The content codings gzip and deflate (RFC 9110 section 8.4.1), by the JDK's zlib. */
enum ContentCoding {
    /** RFC 1952. */
    GZIP("gzip"),
    /** RFC 1950. */
    DEFLATE("deflate");

    private static final byte[] GZIP_HEAD = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};
    /** Checksum and length at the end. */
    static final int GZIP_TAIL = 8;
    /** Compressing is done on the event loop, so quickly rather than well. */
    private static final int LEVEL = 3;

    private final String token;

    ContentCoding(String token) {
        this.token = token;
    }

    String token() {
        return token;
    }

    /** The coding that a client would like best for an answer; null for none (RFC 9110 section 12.5.3). */
    static @Nullable ContentCoding accepted(HttpHeaders headers) {
        @Nullable String field = headers.get(HttpHeaderNames.ACCEPT_ENCODING);
        if (field == null) {
            return null;
        }
        double gzip = -1;
        double deflate = -1;
        double any = -1;
        for (String element : field.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] parts = element.split(";", -1);
            double weight = parts.length > 1 ? weight(parts[1].strip()) : 1;
            switch (parts[0].strip()) {
                case "gzip", "x-gzip" -> gzip = weight;
                case "deflate" -> deflate = weight;
                case "*" -> any = weight;
                default -> {}
            }
        }
        gzip = gzip < 0 ? any : gzip;
        deflate = deflate < 0 ? any : deflate;
        if (gzip <= 0 && deflate <= 0) {
            return null;
        }
        return gzip >= deflate ? GZIP : DEFLATE;
    }

    private static double weight(String parameter) {
        try {
            return parameter.startsWith("q=") ? Double.parseDouble(parameter.substring(2)) : 1;
        } catch (NumberFormatException e) {
            // A weight that cannot be read: rather not.
            return 0;
        }
    }

    /** Whether bodies of a media type get smaller. */
    static boolean helps(@Nullable String contentType) {
        if (contentType == null) {
            return false;
        }
        String type = contentType.toLowerCase(Locale.ROOT);
        return type.startsWith("text/")
                || type.startsWith("application/json")
                || type.contains("+json")
                || type.contains("xml")
                || type.startsWith("application/x-ndjson")
                || type.startsWith("application/cbor")
                || type.startsWith("application/msgpack")
                || type.startsWith("application/javascript");
    }

    /** Begins to compress a body. */
    Encoder encoder() {
        return new Encoder();
    }

    /** Compresses one body, in parts. To be {@link #close closed}, since zlib holds memory outside the heap. */
    final class Encoder implements AutoCloseable {
        private final Deflater deflater = new Deflater(LEVEL, ContentCoding.this == GZIP);
        private final CRC32 crc = new CRC32();
        private final byte[] buffer = new byte[8192];
        private boolean begun;

        /** Takes bytes; gives what has come out. */
        ByteBuffer encode(ByteBuffer bytes, boolean end, boolean flush) {
            ByteArrayOutputStream out = new ByteArrayOutputStream(Math.max(64, bytes.remaining() / 2));
            if (!begun && ContentCoding.this == GZIP) {
                out.writeBytes(GZIP_HEAD);
            }
            begun = true;
            crc.update(bytes.duplicate());
            deflater.setInput(bytes.duplicate());
            if (end) {
                deflater.finish();
            }
            int n;
            do {
                n = deflater.deflate(buffer, 0, buffer.length, flush ? Deflater.SYNC_FLUSH : Deflater.NO_FLUSH);
                out.write(buffer, 0, n);
            } while (n == buffer.length || end && !deflater.finished());
            if (end && ContentCoding.this == GZIP) {
                little(out, (int) crc.getValue());
                little(out, (int) deflater.getBytesRead());
            }
            return ByteBuffer.wrap(out.toByteArray());
        }

        private static void little(ByteArrayOutputStream out, int value) {
            for (int shift = 0; shift < 32; shift += 8) {
                out.write(value >> shift);
            }
        }

        @Override
        public void close() {
            deflater.end();
        }
    }

    /**
     * Takes the coding off a request's body.
     *
     * @param field the value of {@code Content-Encoding}, one of those that are taken
     * @param body the coded body
     * @param limit how large it may become: a small body can stand for a huge one
     * @return the body
     * @throws org.millrace.plugin.http.problem.ProblemException 400, 413
     */
    static byte[] decode(String field, byte[] body, int limit) {
        try (BodyDecoder decoder = new BodyDecoder(field)) {
            decoder.input(body);
            ByteArrayOutputStream out = new ByteArrayOutputStream(Math.min(limit, 4 * body.length + 64));
            for (ByteBuffer piece = decoder.next(); piece.hasRemaining(); piece = decoder.next()) {
                if (piece.remaining() > limit - out.size()) {
                    throw Problems.bodyTooLarge(limit).exception();
                }
                out.write(piece.array(), 0, piece.remaining());
            }
            decoder.end();
            return out.toByteArray();
        }
    }

    /** Whether the value of {@code Content-Encoding} names gzip, by either of its names. */
    static boolean isGzip(String field) {
        return field.toLowerCase(Locale.ROOT).endsWith("gzip");
    }

    /** RFC 1952 section 2.3: the fixed part, and what its flags announce; -1 if that has not come as a whole. */
    static int gzipHeadLength(byte[] body) {
        for (int i = 0; i < Math.min(2, body.length); i++) {
            if (body[i] != GZIP_HEAD[i]) {
                throw Problems.badRequest("the body is no gzip").exception();
            }
        }
        if (body.length < GZIP_HEAD.length) {
            return -1;
        }
        int flags = body[3];
        int at = GZIP_HEAD.length;
        if ((flags & 4) != 0) {
            if (at + 1 >= body.length) {
                return -1;
            }
            at += 2 + (body[at] & 0xff | (body[at + 1] & 0xff) << 8);
        }
        for (int text = flags & 0x18; text != 0; text &= text - 1) {
            while (at < body.length && body[at] != 0) {
                at++;
            }
            at++;
        }
        at += (flags & 2) != 0 ? 2 : 0;
        return at > body.length ? -1 : at;
    }
}
