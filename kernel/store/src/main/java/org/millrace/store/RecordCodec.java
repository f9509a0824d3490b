package org.millrace.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.millrace.content.ContentFormats;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.Version;

/**
 * The form of a record as a value. Numbers are big-endian:
 *
 * <pre>
 *  0  format version (1)      8  version: clock     32  expiry, ms since the epoch; all ones but the sign for never
 *  1  flags                  16  version: node      40  length of the properties
 *  2  media type code        24  seq                44  path   (u16 length, UTF-8) if the key is shortened
 *  3  QoS                                               media type (u8 length, text) if its code is 0
 *  4  reserved, 0                                       properties, body to the end
 * </pre>
 *
 * <p>Reading is safe for use by any thread; nothing here blocks.
 */
final class RecordCodec {
    static final byte FORMAT = 1;
    static final byte HAS_PATH = 1;
    static final int CLOCK = 8;
    static final int NODE = 16;
    static final int SEQ = 24;
    static final int EXPIRY = 32;
    static final int PROPERTIES = 40;
    static final int HEADER = 44;

    private static final Qos[] QOS = Qos.values();
    /** The codes are on disk: append only. */
    private static final MediaType[] KNOWN = {
        null,
        MediaType.JSON,
        MediaType.CBOR,
        MediaType.MSGPACK,
        MediaType.OCTET_STREAM,
        MediaType.TEXT,
        MediaType.JSON_PATCH,
        MediaType.MERGE_PATCH
    };

    private final ContentFormats formats;

    RecordCodec(ContentFormats formats) {
        this.formats = formats;
    }

    /** The code of a media type; 0 if its name has to be written. */
    static byte mediaCode(MediaType type) {
        for (byte i = 1; i < KNOWN.length; i++) {
            if (type.equals(KNOWN[i])) {
                return i;
            }
        }
        return 0;
    }

    static long expiryMillis(ByteBuffer value) {
        return value.getLong(value.position() + EXPIRY);
    }

    static Version version(ByteBuffer value) {
        return new Version(value.getLong(value.position() + CLOCK), value.getLong(value.position() + NODE));
    }

    /** Reads a record found under its path. */
    StoredEntry decode(Path path, ByteBuffer value) {
        return decodeAny(path, null, value);
    }

    /** Reads a record met under a key. */
    StoredEntry decode(byte[] key, ByteBuffer value) {
        return decodeAny(null, key, value);
    }

    private StoredEntry decodeAny(@Nullable Path asked, byte @Nullable [] key, ByteBuffer value) {
        int start = value.position();
        if (value.get(start) != FORMAT) {
            throw new IllegalStateException(
                    "record of format " + value.get(start) + " found; this release reads format " + FORMAT);
        }
        int flags = value.get(start + 1);
        int mediaCode = value.get(start + 2);
        Qos qos = QOS[value.get(start + 3)];
        Version version = version(value);
        long seq = value.getLong(start + SEQ);
        long expiry = expiryMillis(value);
        int propertiesLength = value.getInt(start + PROPERTIES);
        value.position(start + HEADER);

        Path path = path(asked, key, flags, value);
        MediaType media = mediaType(mediaCode, value);
        Properties properties = PropertiesCodec.decode(value, value.position() + propertiesLength);
        byte[] body = new byte[value.remaining()];
        value.get(body);
        return new StoredEntry(
                new Entry(path, formats.trusted(media, body), version, properties, Expiry.instant(expiry), qos), seq);
    }

    private static Path path(@Nullable Path asked, byte @Nullable [] key, int flags, ByteBuffer value) {
        if ((flags & HAS_PATH) != 0) {
            byte[] utf8 = new byte[value.getShort() & 0xFFFF];
            value.get(utf8);
            return asked != null ? asked : Path.of(new String(utf8, StandardCharsets.UTF_8));
        }
        if (asked != null) {
            return asked;
        }
        if (key == null) {
            throw new IllegalArgumentException("neither path nor key given");
        }
        return RecordKey.path(key);
    }

    private static MediaType mediaType(int code, ByteBuffer value) {
        if (code != 0) {
            return KNOWN[code];
        }
        byte[] name = new byte[value.get() & 0xFF];
        value.get(name);
        return new MediaType(new String(name, StandardCharsets.US_ASCII));
    }
}
