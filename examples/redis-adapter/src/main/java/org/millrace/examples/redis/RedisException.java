package org.millrace.examples.redis;

import java.util.concurrent.CompletionException;
import org.millrace.spi.resource.ResourceException;

/** A refusal in Redis' terms: its message is the error reply, beginning with the error's code in capitals. */
final class RedisException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RedisException(String reply) {
        super(reply, null, false, false);
    }

    /** The one table from the SPI's error codes to Redis' words. */
    static String reply(Throwable failure) {
        Throwable cause = failure instanceof CompletionException e && e.getCause() != null ? e.getCause() : failure;
        if (cause instanceof RedisException own) {
            return String.valueOf(own.getMessage());
        }
        ResourceException refusal = ResourceException.from(cause);
        String code = switch (refusal.code()) {
            case UNAUTHENTICATED -> "NOAUTH";
            case FORBIDDEN -> "NOPERM";
            case CONFLICT -> "WRONGTYPE";
            case BUSY -> "BUSY";
            case QUOTA_EXCEEDED -> "OOM";
            case UNAVAILABLE -> "MASTERDOWN";
            case INVALID, UNSUPPORTED, TOO_LARGE, NOT_FOUND, PRECONDITION_FAILED, EXPIRED_CURSOR, INTERNAL -> "ERR";
        };
        return code + " " + String.valueOf(refusal.getMessage()).replaceAll("[\\r\\n]+", " ");
    }
}
