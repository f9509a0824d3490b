package org.millrace.plugin.http.problem;

import java.util.List;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** The problems of HTTP itself, and the one table from the SPI's {@link ErrorCode}s to HTTP. */
public final class Problems {
    /** How long a client is asked to wait where the condition usually passes within a moment. */
    private static final String RETRY_SOON = "1";

    private static final String RETRY_LATER = "5";

    private Problems() {}

    /**
     * A head that is larger than the limit.
     *
     * @param detail which limit
     * @return 431
     */
    public static Problem headerTooLarge(String detail) {
        return new Problem(431, "header-too-large", "The header fields are too large", detail);
    }

    /**
     * Whatever went wrong, as a problem.
     *
     * <p>{@link ErrorCode#BUSY} is 503 and not 429: the full queue is everybody's, this client did nothing wrong, and a
     * balancer in front may ask another node.
     *
     * @param failure a {@link ProblemException}, a {@link ResourceException}, either wrapped by a future, or a defect
     * @return the problem to answer with
     */
    public static Problem of(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof ProblemException known) {
                return known.problem();
            }
        }
        ResourceException refusal = ResourceException.from(failure);
        ErrorCode code = refusal.code();
        return switch (code) {
            case INVALID -> of(400, code, "The request is malformed", refusal);
            case UNSUPPORTED -> of(415, code, "The media type or act is not offered", refusal);
            case TOO_LARGE -> of(413, code, "The content is too large", refusal);
            case UNAUTHENTICATED -> of(401, code, "Credentials are missing or wrong", refusal);
            case FORBIDDEN -> of(403, code, "The grant is missing", refusal);
            case NOT_FOUND -> of(404, code, "There is no such record", refusal);
            case CONFLICT -> of(409, code, "The act contradicts the present state", refusal);
            case PRECONDITION_FAILED -> of(412, code, "A precondition did not hold", refusal);
            case EXPIRED_CURSOR -> of(410, code, "The cursor has expired", refusal);
            case BUSY -> of(503, code, "The host is busy", refusal).withHeaders("Retry-After", RETRY_SOON);
            case QUOTA_EXCEEDED -> of(507, code, "The disk or a quota is full", refusal);
            case UNAVAILABLE ->
                of(503, code, "The host is unavailable", refusal).withHeaders("Retry-After", RETRY_LATER);
            case INTERNAL -> of(500, code, "Internal error", refusal);
        };
    }

    private static Problem of(int status, ErrorCode code, String title, ResourceException refusal) {
        return new Problem(status, code.id(), title, String.valueOf(refusal.getMessage()));
    }

    /**
     * A request that breaks HTTP's or the path's grammar.
     *
     * @param detail what is wrong, and what to do
     * @return 400
     */
    public static Problem badRequest(String detail) {
        return new Problem(400, ErrorCode.INVALID.id(), "The request is malformed", detail);
    }

    /**
     * Nothing at this path.
     *
     * @param path the path
     * @return 404
     */
    public static Problem notFound(String path) {
        return new Problem(
                404, ErrorCode.NOT_FOUND.id(), "There is no such record", "there is no record '" + path + "'");
    }

    /**
     * The condition of a request does not hold.
     *
     * @param detail which one
     * @return 412
     */
    public static Problem preconditionFailed(String detail) {
        return new Problem(412, ErrorCode.PRECONDITION_FAILED.id(), "A precondition did not hold", detail);
    }

    /**
     * A body beyond the limit.
     *
     * @param limit the limit in bytes
     * @return 413
     */
    public static Problem bodyTooLarge(long limit) {
        return new Problem(
                413,
                ErrorCode.TOO_LARGE.id(),
                "The content is too large",
                "the request body is larger than the " + limit + " bytes allowed");
    }

    /**
     * A method that this kind of resource does not know.
     *
     * @param method the method
     * @param what the kind of resource
     * @param allow the value of the {@code Allow} header field
     * @return 405
     */
    public static Problem methodNotAllowed(String method, String what, String allow) {
        return new Problem(
                        405,
                        "method-not-allowed",
                        "The method is not allowed here",
                        method + " does not apply to " + what + "; use one of " + allow)
                .withHeaders("Allow", allow);
    }

    /**
     * A method, transfer coding or the like that the server does not know.
     *
     * @param detail which one
     * @return 501
     */
    public static Problem notImplemented(String detail) {
        return new Problem(501, "not-implemented", "The server does not offer this", detail);
    }

    /**
     * No acceptable form of what is there.
     *
     * @param accept what the client accepts
     * @param available what there is
     * @return 406, with the list
     */
    public static Problem notAcceptable(String accept, List<String> available) {
        return new Problem(
                        406,
                        "not-acceptable",
                        "No acceptable media type is available",
                        "'" + accept + "' accepts none of the available media types " + String.join(", ", available))
                .withAvailable(available);
    }

    /**
     * A request body of a kind that is not taken.
     *
     * @param detail which, and what to send instead
     * @return 415
     */
    public static Problem unsupportedMediaType(String detail) {
        return new Problem(415, ErrorCode.UNSUPPORTED.id(), "The media type or act is not offered", detail);
    }

    /**
     * A request that did not arrive in time.
     *
     * @param detail what was late
     * @return 408
     */
    public static Problem timeout(String detail) {
        return new Problem(408, "timeout", "The request took too long", detail);
    }
}
