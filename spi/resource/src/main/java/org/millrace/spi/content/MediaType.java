package org.millrace.spi.content;

import java.util.Locale;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * A media type without its parameters (RFC 9110 section 8.3.1), in lower case. A {@code charset} other than UTF-8 is
 * the protocol plugin's to refuse.
 *
 * @param name {@code type/subtype}
 * @since 0.1
 */
public record MediaType(String name) {
    /** {@code application/json} (RFC 8259). */
    public static final MediaType JSON = new MediaType("application/json");
    /** {@code application/cbor} (RFC 8949). */
    public static final MediaType CBOR = new MediaType("application/cbor");
    /** {@code application/msgpack}. */
    public static final MediaType MSGPACK = new MediaType("application/msgpack");
    /** {@code application/json-patch+json} (RFC 6902), for patches. */
    public static final MediaType JSON_PATCH = new MediaType("application/json-patch+json");
    /** {@code application/merge-patch+json} (RFC 7396), for patches. */
    public static final MediaType MERGE_PATCH = new MediaType("application/merge-patch+json");
    /** {@code application/octet-stream}: bytes of no declared type. */
    public static final MediaType OCTET_STREAM = new MediaType("application/octet-stream");
    /** {@code text/plain}. */
    public static final MediaType TEXT = new MediaType("text/plain");

    /**
     * Checks the name.
     *
     * @throws ResourceException {@link ErrorCode#INVALID} unless it is {@code type/subtype} of RFC 9110 tokens in lower
     *     case
     */
    public MediaType {
        int slash = name.indexOf('/');
        if (slash <= 0 || slash == name.length() - 1 || name.length() > 127) {
            throw invalid(name);
        }
        for (int i = 0; i < name.length(); i++) {
            if (i != slash && !isTokenChar(name.charAt(i))) {
                throw invalid(name);
            }
        }
    }

    private static ResourceException invalid(String name) {
        String shown = name.length() > 60 ? name.substring(0, 60) + "..." : name;
        return new ResourceException(ErrorCode.INVALID, "'" + shown + "' is no media type (type/subtype)");
    }

    private static boolean isTokenChar(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    /**
     * Reads a media type, leaving parameters away and folding the known synonyms ({@code text/json},
     * {@code application/x-msgpack}, {@code application/vnd.msgpack}) to the name used here.
     *
     * @param text for example {@code application/json; charset=utf-8}
     * @return the media type
     * @throws ResourceException {@link ErrorCode#INVALID} if it is none
     */
    public static MediaType parse(String text) {
        int semicolon = text.indexOf(';');
        String name =
                (semicolon < 0 ? text : text.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
        return switch (name) {
            case "application/json", "text/json" -> JSON;
            case "application/cbor" -> CBOR;
            case "application/msgpack", "application/x-msgpack", "application/vnd.msgpack" -> MSGPACK;
            case "application/octet-stream" -> OCTET_STREAM;
            case "text/plain" -> TEXT;
            default -> new MediaType(name);
        };
    }

    /** The name. */
    @Override
    public String toString() {
        return name;
    }
}
