package org.millrace.plugin.amqp.link;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.apache.qpid.proton.amqp.Binary;
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
    /** What is remembered for when the link is attached again; null where its target ends with it. */
    private @Nullable RecoverableLink recoverable;

    private Predicate<Binary> resumed = _ -> false;

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

    /**
     * Gives the first credit.
     *
     * @param recovered keeps what becomes of the deliveries; null if the link's target ends with it
     * @param isResumed tells, once, whether the client resumes the delivery of a tag
     */
    public void start(@Nullable RecoverableLink recovered, Predicate<Binary> isResumed) {
        recoverable = recovered;
        resumed = isResumed;
        replenish();
    }

    @Override
    public void flow() {}

    @Override
    @SuppressWarnings("ReferenceEquality") // the engine's deliveries have no other identity
    public void delivery(Delivery news) {
        if (news != receiver.current()) {
            if (news.remotelySettled() && second && news.getLocalState() != null && !news.isSettled()) {
                if (recoverable != null) {
                    recoverable.forget(new Binary(news.getTag()));
                }
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
                var _ = resumed.test(new Binary(current.getTag()));
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
        RecoverableLink kept = recoverable;
        if (kept != null && resume(kept, delivery)) {
            return;
        }
        host.received();
        pending++;
        host.pending(bytes.length);
        CompletableFuture<DeliveryState> remembered =
                kept == null || !isRemembered(delivery) ? null : kept.begin(new Binary(delivery.getTag()));
        CompletionStage<?> stage;
        try {
            stage = sink.accept(IncomingMessage.decode(host.decoder(), bytes), delivery);
        } catch (ResourceException e) {
            completed(delivery, bytes.length, remembered, e);
            return;
        }
        stage.whenComplete((_, failure) -> completed(
                delivery, bytes.length, remembered, failure == null ? null : ResourceException.from(failure)));
    }

    /** What is sent in a transaction is rolled back with the connection, and what is settled nobody asks about. */
    private static boolean isRemembered(Delivery delivery) {
        return !delivery.remotelySettled() && !(delivery.getRemoteState() instanceof TransactionalState);
    }

    /** Answers a delivery that came before the link was attached again, and is not to take effect twice. */
    private boolean resume(RecoverableLink kept, Delivery delivery) {
        Binary tag = new Binary(delivery.getTag());
        CompletionStage<DeliveryState> outcome =
                resumed.test(tag) ? kept.find(tag).orElse(null) : null;
        if (outcome == null) {
            return false;
        }
        pending++;
        if (delivery.remotelySettled()) {
            kept.forget(tag);
        }
        outcome.thenAcceptAsync(
                state -> {
                    pending--;
                    if (!ended) {
                        settle(delivery, state);
                    }
                },
                host.eventLoop());
        return true;
    }

    private void completed(
            Delivery delivery,
            int bytes,
            @Nullable CompletableFuture<DeliveryState> remembered,
            @Nullable ResourceException refusal) {
        pending--;
        host.pending(-bytes);
        if (refusal != null) {
            host.refused();
        }
        DeliveryState outcome = refusal == null ? Accepted.getInstance() : Conditions.outcome(refusal);
        if (remembered != null) {
            remembered.complete(outcome);
        }
        if (!ended) {
            settle(delivery, outcome);
        }
    }

    private void settle(Delivery delivery, DeliveryState reached) {
        DeliveryState outcome = reached;
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

    /** Ends the link because it is attached elsewhere. Any thread may call. */
    public void stolen() {
        host.eventLoop()
                .execute(() -> fail(new ErrorCondition(
                        LinkError.STOLEN, "another connection attached the link '" + receiver.getName() + "'")));
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
            if (recoverable != null) {
                recoverable.detach(forGood);
            }
            atEnd.run();
        }
    }
}
