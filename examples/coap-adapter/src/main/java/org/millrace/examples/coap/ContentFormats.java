package org.millrace.examples.coap;

import static java.util.Map.entry;

import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** The numbers that stand for media types (RFC 7252 section 12.3 and its registry). */
final class ContentFormats {
    private static final Map<Integer, MediaType> TYPES = Map.ofEntries(
            entry(MediaTypeRegistry.TEXT_PLAIN, MediaType.TEXT),
            entry(MediaTypeRegistry.IMAGE_GIF, new MediaType("image/gif")),
            entry(MediaTypeRegistry.IMAGE_JPEG, new MediaType("image/jpeg")),
            entry(MediaTypeRegistry.IMAGE_PNG, new MediaType("image/png")),
            entry(MediaTypeRegistry.APPLICATION_LINK_FORMAT, new MediaType("application/link-format")),
            entry(MediaTypeRegistry.APPLICATION_XML, new MediaType("application/xml")),
            entry(MediaTypeRegistry.APPLICATION_OCTET_STREAM, MediaType.OCTET_STREAM),
            entry(MediaTypeRegistry.APPLICATION_EXI, new MediaType("application/exi")),
            entry(MediaTypeRegistry.APPLICATION_JSON, MediaType.JSON),
            entry(MediaTypeRegistry.APPLICATION_JSON_PATCH, MediaType.JSON_PATCH),
            entry(MediaTypeRegistry.APPLICATION_MERGE_PATCH, MediaType.MERGE_PATCH),
            entry(MediaTypeRegistry.APPLICATION_CBOR, MediaType.CBOR),
            entry(MediaTypeRegistry.APPLICATION_SENML_JSON, new MediaType("application/senml+json")),
            entry(MediaTypeRegistry.APPLICATION_SENML_CBOR, new MediaType("application/senml+cbor")));
    private static final Map<MediaType, Integer> NUMBERS =
            TYPES.entrySet().stream().collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey));

    private ContentFormats() {}

    /**
     * The media type of a number.
     *
     * @throws ResourceException {@link ErrorCode#UNSUPPORTED} if it is not known here
     */
    static MediaType type(int number) {
        MediaType type = TYPES.get(number);
        if (type == null) {
            throw new ResourceException(
                    ErrorCode.UNSUPPORTED,
                    "content format " + number + " is not known here; 0 is text, 42 bytes, 50 JSON, 60 CBOR");
        }
        return type;
    }

    /** The number of a media type, if it has one. */
    static OptionalInt number(MediaType type) {
        Integer number = NUMBERS.get(type);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }
}
