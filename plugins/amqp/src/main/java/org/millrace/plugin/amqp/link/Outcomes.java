package org.millrace.plugin.amqp.link;

import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.feed.Outcome;

/** Reads what a client says became of a message. */
public final class Outcomes {
    private Outcomes() {}

    /**
     * The outcome a delivery state stands for.
     *
     * @param state what the client sent, if anything
     * @return null for states that are no outcome, such as "received"
     */
    public static @Nullable Outcome of(@Nullable Object state) {
        return switch (state) {
            case Accepted _ -> Outcome.ACCEPTED;
            case Rejected _ -> Outcome.REJECTED;
            case Released _ -> Outcome.RELEASED;
            case Modified modified when Boolean.TRUE.equals(modified.getUndeliverableHere()) -> Outcome.UNWANTED;
            case Modified modified when Boolean.TRUE.equals(modified.getDeliveryFailed()) -> Outcome.FAILED;
            case Modified _ -> Outcome.RELEASED;
            case null, default -> null;
        };
    }
}
