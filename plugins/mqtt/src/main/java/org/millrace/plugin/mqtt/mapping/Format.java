package org.millrace.plugin.mqtt.mapping;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;

/** The format a subscriber wants contents in: the user property {@code accept} of CONNECT or SUBSCRIBE. */
public enum Format {
    /** As the publisher sent them. */
    STORED(null),
    /** Structured contents as JSON. */
    JSON(MediaType.JSON),
    /** Structured contents as CBOR. */
    CBOR(MediaType.CBOR),
    /** Structured contents as MessagePack. */
    MSGPACK(MediaType.MSGPACK);

    /** The name of the user property. */
    public static final String PROPERTY = "accept";

    private final @Nullable MediaType mediaType;

    Format(@Nullable MediaType mediaType) {
        this.mediaType = mediaType;
    }

    /**
     * Reads the user property's value.
     *
     * @param accept a media type
     * @return the format; empty if it is none that contents can be had in
     */
    public static Optional<Format> parse(String accept) {
        for (Format format : values()) {
            if (format.mediaType != null) {
                try {
                    if (format.mediaType.equals(MediaType.parse(accept))) {
                        return Optional.of(format);
                    }
                } catch (org.millrace.spi.resource.ResourceException noMediaType) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    /**
     * A content in this format; as it is if it cannot be had so.
     *
     * @param content any content
     * @return the same meaning
     */
    public Content apply(Content content) {
        return mediaType == null || !content.canBe(mediaType) ? content : content.as(mediaType);
    }
}
