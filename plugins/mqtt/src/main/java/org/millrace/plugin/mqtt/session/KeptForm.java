package org.millrace.plugin.mqtt.session;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Cursor;

/**
 * What kept values are made of. Each begins with the number of its form, so that a later release knows what it reads.
 * Stateless, for any thread.
 */
final class KeptForm {
    private static final int FORM = 1;

    private KeptForm() {}

    interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    interface Reading<T> {
        T read(DataInputStream in) throws IOException;
    }

    static byte[] encode(Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORM);
            body.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    static <T> T decode(byte[] value, Reading<T> body) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(value))) {
            int form = in.readByte();
            if (form != FORM) {
                throw new IllegalArgumentException("it is of form " + form + ", which this release does not know");
            }
            return body.read(in);
        } catch (IOException e) {
            throw new IllegalArgumentException("it is cut off", e);
        }
    }

    static void cursor(DataOutputStream out, @Nullable Cursor cursor) throws IOException {
        out.writeBoolean(cursor != null);
        if (cursor != null) {
            out.writeLong(cursor.node());
            number(out, cursor.position());
        }
    }

    static @Nullable Cursor cursor(DataInputStream in) throws IOException {
        return in.readBoolean() ? new Cursor(in.readLong(), number(in)) : null;
    }

    /** Texts may be longer than {@link DataOutputStream#writeUTF} takes. */
    static void text(DataOutputStream out, String text) throws IOException {
        bytes(out, text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(DataInputStream in) throws IOException {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    static void bytes(DataOutputStream out, byte[] bytes) throws IOException {
        number(out, bytes.length);
        out.write(bytes);
    }

    static byte[] bytes(DataInputStream in) throws IOException {
        int length = (int) number(in);
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new java.io.EOFException();
        }
        return bytes;
    }

    static void signed(DataOutputStream out, long value) throws IOException {
        number(out, value << 1 ^ value >> 63);
    }

    static long signed(DataInputStream in) throws IOException {
        long zigzag = number(in);
        return zigzag >>> 1 ^ -(zigzag & 1);
    }

    static void number(DataOutputStream out, long value) throws IOException {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.writeByte((int) rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.writeByte((int) rest);
    }

    static long number(DataInputStream in) throws IOException {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            int digit = in.readByte();
            value |= (long) (digit & 0x7f) << shift;
            if (digit >= 0) {
                return value;
            }
            if (shift == 63) {
                throw new IllegalArgumentException("a number is too long");
            }
        }
    }
}
