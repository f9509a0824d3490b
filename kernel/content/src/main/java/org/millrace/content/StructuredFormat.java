package org.millrace.content;

import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.MediaType;

/** The formats that are equal in meaning and are transcoded into each other. */
enum StructuredFormat {
    JSON(MediaType.JSON),
    CBOR(MediaType.CBOR),
    MESSAGE_PACK(MediaType.MSGPACK);

    private final MediaType mediaType;

    StructuredFormat(MediaType mediaType) {
        this.mediaType = mediaType;
    }

    /** The format's own media type. */
    MediaType mediaType() {
        return mediaType;
    }

    /** The format that bytes of this type are in: by its own name or by its structured suffix (RFC 6839, RFC 8949). */
    static @Nullable StructuredFormat of(MediaType type) {
        StructuredFormat named = named(type);
        if (named != null) {
            return named;
        }
        String name = type.name();
        return name.endsWith("+json") ? JSON : name.endsWith("+cbor") ? CBOR : null;
    }

    /** The format whose own name this is. */
    static @Nullable StructuredFormat named(MediaType type) {
        for (StructuredFormat format : values()) {
            if (format.mediaType.equals(type)) {
                return format;
            }
        }
        return null;
    }

    /** A reader of bytes that are known to be well-formed. */
    ValueReader reader(byte[] bytes, int from, int to) {
        return switch (this) {
            case JSON -> JsonReader.of(bytes, from, to);
            case CBOR -> new CborReader(bytes, from, to, ContentLimits.STORED_DEPTH);
            case MESSAGE_PACK -> new MessagePackReader(bytes, from, to, ContentLimits.STORED_DEPTH);
        };
    }

    ValueWriter writer() {
        return switch (this) {
            case JSON -> new JsonWriter();
            case CBOR -> new CborWriter();
            case MESSAGE_PACK -> new MessagePackWriter();
        };
    }
}
