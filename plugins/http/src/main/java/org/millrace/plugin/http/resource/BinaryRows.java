package org.millrace.plugin.http.resource;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.Version;

/** Rows in the binary formats; opaque bytes are in {@code bytes}, as such. */
enum BinaryRows implements RowFormat {
    /** One array of indefinite length (RFC 8949 section 3.2.2), since the number of rows is not known before. */
    CBOR(MediaType.CBOR),
    /** A CBOR sequence (RFC 8742). */
    CBOR_SEQUENCE(RowFormat.CBOR_SEQUENCE),
    /** One object behind the other: MessagePack has no array of unknown length. */
    MSGPACK(MediaType.MSGPACK);

    private static final int CBOR_ARRAY = 0x9f;
    private static final int CBOR_BREAK = 0xff;
    private static final int CBOR_NULL = 0xf6;
    private static final int CBOR_BYTES = 0x40;
    private static final int CBOR_TEXT = 0x60;
    private static final int CBOR_MAP = 0xa0;
    private static final int MSGPACK_NIL = 0xc0;
    private static final int MSGPACK_MAP = 0x80;

    private final MediaType type;

    BinaryRows(MediaType type) {
        this.type = type;
    }

    @Override
    public String contentType() {
        return type.name();
    }

    private MediaType inner() {
        return this == MSGPACK ? MediaType.MSGPACK : MediaType.CBOR;
    }

    @Override
    public ByteBuffer row(Row row, boolean first) {
        Content content = row.content();
        boolean structured = content.canBe(inner());
        boolean record = !row.version().equals(Version.NONE);
        byte[] value = structured ? content.as(inner()).toByteArray() : content.toByteArray();
        ByteArrayOutputStream out = new ByteArrayOutputStream(value.length + 80);
        if (first && this == CBOR) {
            out.write(CBOR_ARRAY);
        }
        out.write((this == MSGPACK ? MSGPACK_MAP : CBOR_MAP) | (record ? 2 : 0) + (structured ? 1 : 2));
        if (record) {
            text(out, "id");
            if (row.path().toString().indexOf('/') < 0) {
                out.write(this == MSGPACK ? MSGPACK_NIL : CBOR_NULL);
            } else {
                text(out, row.path().id());
            }
            text(out, "etag");
            text(out, row.version().toString());
        }
        if (structured) {
            text(out, "value");
        } else {
            text(out, "type");
            text(out, content.mediaType().name());
            text(out, "bytes");
            if (this == MSGPACK) {
                msgpackHead(out, value.length, -1, 0xc4);
            } else {
                cborHead(out, CBOR_BYTES, value.length);
            }
        }
        out.writeBytes(value);
        return ByteBuffer.wrap(out.toByteArray());
    }

    private void text(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (this == MSGPACK) {
            msgpackHead(out, bytes.length, 0xa0, 0xd9);
        } else {
            cborHead(out, CBOR_TEXT, bytes.length);
        }
        out.writeBytes(bytes);
    }

    /** RFC 8949 section 3: the type in the upper three bits, then the length. */
    private static void cborHead(ByteArrayOutputStream out, int type, int length) {
        if (length < 24) {
            out.write(type | length);
        } else if (length < 1 << 8) {
            out.write(type | 24);
            out.write(length);
        } else if (length < 1 << 16) {
            out.write(type | 25);
            number(out, length, 2);
        } else {
            out.write(type | 26);
            number(out, length, 4);
        }
    }

    /** The three sizes of a length follow each other; strings have a short form below them. */
    private static void msgpackHead(ByteArrayOutputStream out, int length, int shortForm, int type8) {
        if (shortForm >= 0 && length < 32) {
            out.write(shortForm | length);
        } else if (length < 1 << 8) {
            out.write(type8);
            out.write(length);
        } else if (length < 1 << 16) {
            out.write(type8 + 1);
            number(out, length, 2);
        } else {
            out.write(type8 + 2);
            number(out, length, 4);
        }
    }

    private static void number(ByteArrayOutputStream out, int value, int bytes) {
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
            out.write(value >> shift);
        }
    }

    @Override
    public ByteBuffer end(boolean empty) {
        if (this != CBOR) {
            return ByteBuffer.allocate(0);
        }
        return ByteBuffer.wrap(
                empty ? new byte[] {(byte) CBOR_ARRAY, (byte) CBOR_BREAK} : new byte[] {(byte) CBOR_BREAK});
    }
}
