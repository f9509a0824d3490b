package org.millrace.plugin.websocket;

import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.compression.DecompressionException;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** The one table from errors to close codes (RFC 6455 section 7.4.1). */
final class CloseCode {
    static final int GOING_AWAY = 1001;
    static final int PROTOCOL = 1002;
    static final int UNSUPPORTED = 1003;
    static final int INVALID = 1007;
    static final int TOO_LARGE = 1009;
    static final int POLICY = 1008;
    static final int INTERNAL = 1011;
    static final int TRY_AGAIN = 1013;

    private CloseCode() {}

    /** The code for a failure on a connection. */
    static int of(Throwable failure) {
        return switch (failure) {
            case CorruptedWebSocketFrameException e -> e.closeStatus().code();
            case NoRoomException e -> TRY_AGAIN;
            case TooLongFrameException e -> TOO_LARGE;
            case DecompressionException e ->
                e.getMessage() != null && e.getMessage().contains("maximum size") ? TOO_LARGE : INVALID;
            case CorruptedFrameException e -> PROTOCOL;
            // What inflating comes upon is wrapped.
            case DecoderException e when e.getCause() instanceof CodecException inner -> of(inner);
            case CodecException e when e.getCause() == null -> INVALID;
            default -> of(ResourceException.from(failure).code());
        };
    }

    private static int of(ErrorCode code) {
        return switch (code) {
            case INVALID -> INVALID;
            case UNSUPPORTED -> UNSUPPORTED;
            case TOO_LARGE -> TOO_LARGE;
            case UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, CONFLICT, PRECONDITION_FAILED, EXPIRED_CURSOR -> POLICY;
            case BUSY, QUOTA_EXCEEDED -> TRY_AGAIN;
            case UNAVAILABLE -> 1012;
            case INTERNAL -> INTERNAL;
        };
    }
}
