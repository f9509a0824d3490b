package org.millrace.plugin.mqtt.mapping;

import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.Contents;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * The format a subscriber wants contents in: the user property {@code accept} of CONNECT or SUBSCRIBE.
 *
 * @param mediaType what structured contents are given as; null for as they are stored
 */
public record Format(@Nullable MediaType mediaType) {
    /** As the publisher sent them. */
    public static final Format STORED = new Format(null);

    /** The name of the user property. */
    public static final String PROPERTY = "accept";

    private static final String STORED_NAME = "STORED";

    /**
     * Reads the user property's value.
     *
     * @param accept a media type
     * @param contents knows which formats there are
     * @return the format
     * @throws ResourceException {@link ErrorCode#UNSUPPORTED} if it is none that contents can be had in
     */
    public static Format of(String accept, Contents contents) {
        MediaType type;
        try {
            type = MediaType.parse(accept);
        } catch (ResourceException noMediaType) {
            throw unknown(accept, contents);
        }
        if (!contents.formats().contains(type)) {
            throw unknown(accept, contents);
        }
        return new Format(type);
    }

    private static ResourceException unknown(String accept, Contents contents) {
        return new ResourceException(
                ErrorCode.UNSUPPORTED,
                "user property 'accept' is '" + accept + "'; use one of "
                        + String.join(
                                ", ",
                                contents.formats().stream().map(MediaType::name).toList()));
    }

    /**
     * The format of a name that a session was kept with.
     *
     * @param name what {@link #name} gave, also in an earlier run or by an earlier version
     * @return the format, whether contents can be had in it at present or not
     */
    public static Format named(String name) {
        return switch (name) {
            case STORED_NAME -> STORED;
            case "JSON" -> new Format(MediaType.JSON);
            case "CBOR" -> new Format(MediaType.CBOR);
            case "MSGPACK" -> new Format(MediaType.MSGPACK);
            default -> new Format(new MediaType(name));
        };
    }

    /**
     * What a session is kept with.
     *
     * @return the media type's name, or a word for as stored
     */
    public String name() {
        return mediaType == null ? STORED_NAME : mediaType.name();
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

    @Override
    public String toString() {
        return name();
    }
}
