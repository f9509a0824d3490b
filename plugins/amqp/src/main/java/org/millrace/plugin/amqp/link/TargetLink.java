package org.millrace.plugin.amqp.link;

import java.util.Arrays;
import java.util.concurrent.CompletionStage;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.transaction.TransactionalState;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.LinkError;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.codec.ReadableBuffer;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Receiver;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.mapping.Conditions;
import org.millrace.plugin.amqp.mapping.IncomingMessage;
import org.millrace.spi.resource.ResourceException;

/**
 * A client's messages on their way in. A message is settled when what it asked for is durable. Credit counts the
 * messages that are not, so that a slow disk slows senders down, and is topped up at half. Used by the connection's
 * event loop.
 */
public final class TargetLink implements LinkHandler {
    private static final byte[] NONE = {};

    private final LinkHost host;
    private final Receiver receiver;
    private final Sink sink;
    private final Runnable atEnd;
    private final int window;
    private final boolean second;
    private byte[] partial = NONE;
    private int partialLength;
    private int pending;
    /** Messages whose outcome the client has yet to settle, where it is to settle first (AMQP 1.0 section 2.6.12). */
    private int unsettled;

    private boolean waiting;
    private boolean ended;

    /** What a link does with a message. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Acts on a message.
         *
         * @param message the message
         * @param delivery how it came
         * @return completes on the event loop when the message has taken effect
         * @throws ResourceException if it is refused
         */
        CompletionStage<?> accept(IncomingMessage message, Delivery delivery);
    }

    /**
     * Makes a link that has no credit yet.
     *
     * @param host its connection
     * @param receiver the engine's side
     * @param sink what is done with messages
     * @param atEnd called when the link is over
     */
    public TargetLink(LinkHost host, Receiver receiver, Sink sink, Runnable atEnd) {
        this.host = host;
        this.receiver = receiver;
        this.sink = sink;
        this.atEnd = atEnd;
        this.window = host.config().linkCredit();
        this.second = receiver.getReceiverSettleMode() == ReceiverSettleMode.SECOND;
    }

    /** Gives the first credit. */
    public void start() {
        replenish();
    }

    @Override
    public void flow() {}

    @Override
    @SuppressWarnings("ReferenceEquality") // the engine's deliveries have no other identity
    public void delivery(Delivery news) {
        if (news != receiver.current()) {
            if (news.remotelySettled() && second && news.getLocalState() != null && !news.isSettled()) {
                news.settle();
                unsettled--;
                replenish();
                host.wake();
            } else if (news.remotelySettled() && news.isBuffered()) {
                news.settle();
            }
            return;
        }
        Delivery current = news;
        while (current != null && current == receiver.current()) {
            if (current.isAborted()) {
                forget();
                current.settle();
            } else if (!take(current) || current.isPartial()) {
                return;
            } else {
                byte[] bytes = partialLength == partial.length ? partial : Arrays.copyOf(partial, partialLength);
                host.pending(-partialLength);
                partial = NONE;
                partialLength = 0;
                receiver.advance();
                complete(current, bytes);
            }
            current = receiver.current();
        }
    }

    private void forget() {
        host.pending(-partialLength);
        partial = NONE;
        partialLength = 0;
    }

    /** Moves what has come to this side, so that the session's window opens; false if it is too much. */
    private boolean take(Delivery delivery) {
        ReadableBuffer in = receiver.recv();
        int more = in.remaining();
        if (ended || receiver.getLocalState() == EndpointState.CLOSED) {
            return !delivery.isPartial();
        }
        if (receiver.getCredit() <= 0) {
            refuse(
                    delivery,
                    new ErrorCondition(
                            LinkError.TRANSFER_LIMIT_EXCEEDED,
                            "a message came without credit for it (amqp.link-credit)"));
            return false;
        }
        if (partialLength + (long) more > host.messageLimit()) {
            refuse(
                    delivery,
                    new ErrorCondition(
                            LinkError.MESSAGE_SIZE_EXCEEDED,
                            "a message exceeds " + host.messageLimit()
                                    + " bytes (amqp.max-message-size), as its link's max-message-size says"));
            return false;
        }
        int needed = partialLength + more;
        if (needed > partial.length) {
            int size =
                    delivery.isPartial() ? Math.max(needed, Math.min(partial.length * 2, host.messageLimit())) : needed;
            partial = Arrays.copyOf(partial, size);
        }
        in.get(partial, partialLength, more);
        partialLength = needed;
        host.pending(more);
        return true;
    }

    /** Ends the link at a message that may not be; the client is told which one it was. */
    private void refuse(Delivery delivery, ErrorCondition condition) {
        forget();
        host.refused();
        if (!delivery.remotelySettled()) {
            delivery.disposition(Conditions.rejected(condition));
        }
        delivery.settle();
        fail(condition);
    }

    private void complete(Delivery delivery, byte[] bytes) {
        if (ended || receiver.getLocalState() == EndpointState.CLOSED) {
            delivery.settle();
            return;
        }
        host.received();
        pending++;
        host.pending(bytes.length);
        CompletionStage<?> stage;
        try {
            stage = sink.accept(IncomingMessage.decode(host.decoder(), bytes), delivery);
        } catch (ResourceException e) {
            settle(delivery, bytes.length, e);
            return;
        }
        stage.whenComplete((_, failure) ->
                settle(delivery, bytes.length, failure == null ? null : ResourceException.from(failure)));
    }

    private void settle(Delivery delivery, int bytes, @Nullable ResourceException refusal) {
        pending--;
        host.pending(-bytes);
        if (refusal != null) {
            host.refused();
        }
        if (ended) {
            return;
        }
        DeliveryState outcome = refusal == null ? Accepted.getInstance() : Conditions.outcome(refusal);
        if (!delivery.remotelySettled()) {
            if (delivery.getRemoteState() instanceof TransactionalState enrolled) {
                TransactionalState state = new TransactionalState();
                state.setTxnId(enrolled.getTxnId());
                state.setOutcome((org.apache.qpid.proton.amqp.messaging.Outcome) outcome);
                outcome = state;
            }
            delivery.disposition(outcome);
        }
        if (second && !delivery.remotelySettled()) {
            unsettled++;
        } else {
            delivery.settle();
        }
        replenish();
        host.wake();
    }

    private void replenish() {
        if (ended || waiting || receiver.getLocalState() != EndpointState.ACTIVE) {
            return;
        }
        int outstanding = receiver.getCredit() + pending + unsettled;
        if (outstanding > window / 2) {
            return;
        }
        if (host.resources().isSaturated()) {
            waiting = true;
            host.resources().whenReady().thenRun(() -> {
                waiting = false;
                replenish();
            });
            return;
        }
        receiver.flow(window - outstanding);
        host.wake();
    }

    /**
     * Ends the link from this side.
     *
     * @param condition why
     */
    public void fail(ErrorCondition condition) {
        if (receiver.getLocalState() != EndpointState.CLOSED) {
            receiver.setCondition(condition);
            receiver.close();
            host.wake();
        }
    }

    @Override
    public void ended(boolean forGood) {
        if (!ended) {
            ended = true;
            forget();
            atEnd.run();
        }
    }
}
