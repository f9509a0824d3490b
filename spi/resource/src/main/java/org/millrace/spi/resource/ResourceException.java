package org.millrace.spi.resource;

import java.util.Objects;

/**
 * The one exception of the SPI: a {@link ErrorCode code} and a message that names the thing, the value and, where there
 * is one, the remedy. The message is meant for the client and never holds a secret.
 *
 * @since 0.1
 */
public final class ResourceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What kind of refusal this is. */
    private final ErrorCode code;

    /**
     * Makes an exception without a stack trace: refusals are an ordinary outcome and are made on hot paths.
     *
     * @param code what kind of refusal
     * @param message for the client; names the thing, the value and the remedy
     */
    public ResourceException(ErrorCode code, String message) {
        super(message, null, false, false);
        this.code = Objects.requireNonNull(code, "code");
    }

    /**
     * Makes an exception with a cause and a stack trace, for failures that need diagnosis.
     *
     * @param code what kind of failure
     * @param message for the client
     * @param cause for the log; never shown to the client
     */
    public ResourceException(ErrorCode code, String message, Throwable cause) {
        super(message, cause);
        this.code = Objects.requireNonNull(code, "code");
    }

    /**
     * The kind of refusal.
     *
     * @return the code a plugin maps to its protocol
     */
    public ErrorCode code() {
        return code;
    }

    /**
     * Whatever went wrong, as a {@code ResourceException}: itself, one found among the causes (as futures wrap them),
     * or an {@link ErrorCode#INTERNAL} one with a neutral message and the failure as its cause.
     *
     * @param failure any failure
     * @return the exception to translate for the client
     */
    public static ResourceException from(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof ResourceException known) {
                return known;
            }
        }
        return new ResourceException(ErrorCode.INTERNAL, "internal error; the server's log has the cause", failure);
    }
}
