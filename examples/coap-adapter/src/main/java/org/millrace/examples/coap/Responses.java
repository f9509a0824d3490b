package org.millrace.examples.coap;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalInt;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.OptionSet;
import org.eclipse.californium.core.coap.Response;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;

/** What outcomes look like on the wire. */
final class Responses {
    private static final int LONGEST_MESSAGE = 200;
    /** What RFC 7252 section 5.9.3.4 gives the client as the time to wait; the condition may pass soon. */
    private static final long RETRY_SECONDS = 2;

    private Responses() {}

    /**
     * A record's content, or the word that the client has it already.
     *
     * @param asked the request's options
     * @param most the largest content sent
     * @throws ResourceException if the content cannot be had as asked for
     */
    static Response content(OptionSet asked, Content content, Version version, int most) {
        byte[] tag = tag(version);
        boolean has = asked.getETags().stream().anyMatch(known -> Arrays.equals(known, tag));
        Response response = new Response(has ? ResponseCode.VALID : ResponseCode.CONTENT);
        response.getOptions().addETag(tag);
        if (!has) {
            Content shown = inFormat(asked, content);
            if (shown.size() > most) {
                throw new ResourceException(
                        ErrorCode.TOO_LARGE,
                        "the record has " + shown.size() + " bytes, more than the " + most + " of coap.max-body");
            }
            ContentFormats.number(shown.mediaType()).ifPresent(response.getOptions()::setContentFormat);
            response.setPayload(shown.toByteArray());
        }
        return response;
    }

    private static Content inFormat(OptionSet asked, Content content) {
        if (asked.hasAccept()) {
            return content.as(ContentFormats.type(asked.getAccept()));
        }
        OptionalInt number = ContentFormats.number(content.mediaType());
        // MessagePack has no number: who does not say what it takes gets the binary format that has one.
        return number.isEmpty() && content.isStructured() ? content.as(MediaType.CBOR) : content;
    }

    /** A write's outcome, with the tag of what the record now is. */
    static Response written(ResponseCode code, Version version) {
        Response response = new Response(code);
        response.getOptions().addETag(tag(version));
        return response;
    }

    /**
     * A version in the eight bytes of an entity tag (RFC 7252 section 5.10.6). The clock alone tells a node's versions of a
     * record apart; the node's id, spread over all bits, those of several nodes.
     */
    static byte[] tag(Version version) {
        long node = version.node() * 0x9E37_79B9_7F4A_7C15L;
        return ByteBuffer.allocate(Long.BYTES).putLong(version.clock() ^ node).array();
    }

    /** Lets proxies give the content to others for a while. */
    static void setMaxAge(Response response, Duration age) {
        response.getOptions().setMaxAge(age.toSeconds());
    }

    /**
     * A refusal in CoAP's terms, with its message as the diagnostic payload (RFC 7252 section 5.5.2).
     *
     * @param reads whether the request only reads: what is not supported then is what it accepts
     */
    static Response refusal(ResourceException why, boolean reads) {
        Response response = new Response(code(why.code(), reads));
        String message = String.valueOf(why.getMessage());
        response.setPayload(message.length() > LONGEST_MESSAGE ? message.substring(0, LONGEST_MESSAGE) : message);
        if (why.code().isTemporary()) {
            response.getOptions().setMaxAge(RETRY_SECONDS);
        }
        return response;
    }

    /** The one table of codes. */
    static ResponseCode code(ErrorCode code, boolean reads) {
        return switch (code) {
            case INVALID -> ResponseCode.BAD_REQUEST;
            case UNSUPPORTED -> reads ? ResponseCode.NOT_ACCEPTABLE : ResponseCode.UNSUPPORTED_CONTENT_FORMAT;
            case TOO_LARGE -> ResponseCode.REQUEST_ENTITY_TOO_LARGE;
            case UNAUTHENTICATED -> ResponseCode.UNAUTHORIZED;
            case FORBIDDEN -> ResponseCode.FORBIDDEN;
            case NOT_FOUND, EXPIRED_CURSOR -> ResponseCode.NOT_FOUND;
            case CONFLICT -> ResponseCode.CONFLICT;
            case PRECONDITION_FAILED -> ResponseCode.PRECONDITION_FAILED;
            case BUSY -> ResponseCode.TOO_MANY_REQUESTS;
            case QUOTA_EXCEEDED, UNAVAILABLE -> ResponseCode.SERVICE_UNAVAILABLE;
            default -> ResponseCode.INTERNAL_SERVER_ERROR;
        };
    }
}
