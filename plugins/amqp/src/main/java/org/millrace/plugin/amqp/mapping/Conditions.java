package org.millrace.plugin.amqp.mapping;

import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.ConnectionError;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.LinkError;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** The one table from the host's error codes to AMQP's error conditions (AMQP 1.0 section 2.8.15 and following). */
public final class Conditions {
    /** Characters of a description: a client's text that is quoted in it must not exceed the frames the client takes. */
    private static final int LONGEST = 300;

    private Conditions() {}

    /**
     * The condition of a refusal.
     *
     * @param reason the refusal
     * @return its condition, with the message as description
     */
    public static ErrorCondition of(ResourceException reason) {
        String text = String.valueOf(reason.getMessage());
        return new ErrorCondition(
                symbol(reason.code()), text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text);
    }

    private static Symbol symbol(ErrorCode code) {
        return switch (code) {
            case INVALID -> AmqpError.INVALID_FIELD;
            case UNSUPPORTED -> AmqpError.NOT_IMPLEMENTED;
            case TOO_LARGE -> LinkError.MESSAGE_SIZE_EXCEEDED;
            case UNAUTHENTICATED, FORBIDDEN -> AmqpError.UNAUTHORIZED_ACCESS;
            case NOT_FOUND, EXPIRED_CURSOR -> AmqpError.NOT_FOUND;
            case CONFLICT, PRECONDITION_FAILED -> AmqpError.PRECONDITION_FAILED;
            case BUSY, QUOTA_EXCEEDED -> AmqpError.RESOURCE_LIMIT_EXCEEDED;
            case UNAVAILABLE -> ConnectionError.CONNECTION_FORCED;
            case INTERNAL -> AmqpError.INTERNAL_ERROR;
        };
    }

    /**
     * The outcome of a message that was not taken: what may be sent again as it is, is modified as failed; all else is
     * rejected.
     *
     * @param reason why
     * @return the outcome
     */
    public static DeliveryState outcome(ResourceException reason) {
        if (reason.code().isTemporary()) {
            Modified modified = new Modified();
            modified.setDeliveryFailed(true);
            return modified;
        }
        return rejected(of(reason));
    }

    /**
     * A rejection.
     *
     * @param condition why
     * @return the outcome
     */
    public static Rejected rejected(ErrorCondition condition) {
        Rejected rejected = new Rejected();
        rejected.setError(condition);
        return rejected;
    }
}
