package org.millrace.plugin.amqp.link;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.transaction.TransactionalState;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.LinkError;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.codec.CompositeReadableBuffer;
import org.apache.qpid.proton.codec.ReadableBuffer;
import org.apache.qpid.proton.engine.Delivery;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Sender;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.feed.Feed;
import org.millrace.plugin.amqp.feed.Item;
import org.millrace.plugin.amqp.feed.Outcome;
import org.millrace.plugin.amqp.mapping.Conditions;
import org.millrace.plugin.amqp.mapping.OutgoingMessage;
import org.millrace.plugin.amqp.transaction.Transaction;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.WriteOptions;

/**
 * Changes on their way to a client. The client's credit is the feed's demand, in portions: the engine is given no more
 * than the socket takes, and the rest stays where it is, behind a place in the change stream. Used by the connection's
 * event loop.
 */
public final class SourceLink implements LinkHandler, Feed.Receiver {
    /** Bytes the engine may hold for one session; with more it slows down (see the architecture's page). */
    private static final int ENGINE_BYTES = 512 << 10;

    private static final int PORTION_BYTES = 1 << 20;
    private static final int PORTION = 256;
    /** How few messages the first portion has, while their sizes are not known. */
    private static final int FIRST_PORTION = 16;

    private static final int OVERHEAD = 128;
    private static final int SMALL = 4 << 10;
    private static final long IDLE_CHECK_MILLIS = 5;

    private final LinkHost host;
    private final Sender sender;
    private final Function<Change, OutgoingMessage> format;
    private final boolean settled;
    private final Outcome otherwise;
    /** The largest message the client takes. */
    private final long largest;

    private final ArrayDeque<Item> held = new ArrayDeque<>(0);
    private @Nullable Feed feed;
    private long requested;
    private long tag;
    private long expectedSize = PORTION_BYTES / FIRST_PORTION;
    private int unsettled;
    private boolean checkingIdle;
    private boolean ended;
    private boolean pumping;

    /**
     * Makes a link that has no feed yet.
     *
     * @param host its connection
     * @param sender the engine's side
     * @param format makes the message of a change
     * @param otherwise what becomes of a message the client settles without an outcome
     */
    public SourceLink(LinkHost host, Sender sender, Function<Change, OutgoingMessage> format, Outcome otherwise) {
        this.host = host;
        this.sender = sender;
        this.format = format;
        this.settled = sender.getSenderSettleMode() == SenderSettleMode.SETTLED;
        this.otherwise = otherwise;
        UnsignedLong limit = sender.getRemoteMaxMessageSize();
        this.largest = limit == null || limit.longValue() <= 0 ? Long.MAX_VALUE : limit.longValue();
    }

    /**
     * Starts the flow.
     *
     * @param from where changes come from
     */
    public void start(Feed from) {
        feed = from;
        flow();
    }

    private boolean canSend() {
        return sender.getCredit() > 0
                && unsettled < host.config().maxUnsettled()
                && sender.getSession().getOutgoingBytes() < ENGINE_BYTES
                && host.isWritable();
    }

    @Override
    public void flow() {
        if (ended || pumping || feed == null || sender.getLocalState() != EndpointState.ACTIVE) {
            return;
        }
        pumping = true; // a feed may offer while it is asked
        try {
            pump(feed);
        } finally {
            pumping = false;
        }
    }

    private void pump(Feed from) {
        while (!held.isEmpty() && canSend()) {
            send(from, held.remove());
        }
        if (sender.getCredit() == 0 && (requested > 0 || !held.isEmpty()) && from.withdraw()) {
            requested = 0;
            while (!held.isEmpty()) {
                from.settle(held.removeLast(), Outcome.RELEASED);
            }
        }
        if (held.isEmpty() && canSend()) {
            request(from, 4);
        }
        if (sender.getCredit() > 0 && !canSend()) {
            host.blocked(this);
        }
        if (sender.getDrain() && sender.getCredit() > 0 && held.isEmpty() && !checkingIdle) {
            from.askIdle(this::idle);
        }
    }

    /** Asks for what is short of a portion, if that is some part of it. */
    private void request(Feed from, int part) {
        long portion = Math.clamp(PORTION_BYTES / expectedSize, 1, PORTION);
        long room = Math.min(sender.getCredit(), host.config().maxUnsettled() - unsettled);
        long wanted = Math.min(room, portion) - requested;
        if (wanted > 0 && (requested == 0 || wanted >= portion / part)) {
            requested += wanted;
            from.request(wanted);
        }
    }

    private void idle(boolean idle) {
        if (ended || !sender.getDrain() || sender.getCredit() == 0) {
            return;
        }
        if (idle && held.isEmpty()) {
            if (feed != null && feed.withdraw()) {
                requested = 0;
            }
            sender.drained();
            host.wake();
        } else if (!checkingIdle) {
            checkingIdle = true;
            var _ = host.eventLoop()
                    .schedule(
                            () -> {
                                checkingIdle = false;
                                flow();
                            },
                            IDLE_CHECK_MILLIS,
                            TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void offer(Item item) {
        if (requested > 0) {
            requested--;
        }
        learnSize(item.change());
        if (ended) {
            return;
        }
        Feed from = feed;
        if (from != null && held.isEmpty() && canSend()) {
            send(from, item);
            if (!pumping && canSend()) {
                readAhead(from);
            }
        } else {
            held.add(item);
        }
    }

    /** While the rest of a batch is being encoded here, the next one is being read elsewhere. */
    private void readAhead(Feed from) {
        pumping = true;
        try {
            request(from, 2);
        } finally {
            pumping = false;
        }
    }

    /** Believes in large messages at once and in small ones by and by, so that a portion is rarely too large. */
    private void learnSize(Change change) {
        long size = OVERHEAD + change.content().map(Content::size).orElse(0);
        expectedSize = Math.max(size, (expectedSize * 7 + size) / 8);
    }

    @Override
    public void batchEnd() {
        flow();
    }

    private void send(Feed from, Item item) {
        Change change = item.change();
        if (!change.expiresAt().equals(WriteOptions.NEVER)
                && !change.kind().removesRecord()
                && change.expiresAt().isBefore(host.clock().instant())) {
            from.settle(item, Outcome.ACCEPTED); // nobody wants it any more
            return;
        }
        OutgoingMessage message = format.apply(change);
        byte[] header = message.header(item.deliveryCount(), host.clock().instant());
        byte[] rest = message.rest();
        if (header.length + rest.length > largest) {
            from.settle(item, Outcome.RELEASED);
            close(new ErrorCondition(
                    LinkError.MESSAGE_SIZE_EXCEEDED,
                    "the next message has " + (header.length + rest.length)
                            + " bytes, more than the link's max-message-size"));
            return;
        }
        byte[] tagged = from.tag(item);
        Delivery delivery = sender.delivery(
                tagged != null
                        ? tagged
                        : ByteBuffer.allocate(Long.BYTES).putLong(tag++).array());
        delivery.setContext(item);
        sender.sendNoCopy(whole(header, rest));
        if (settled) {
            delivery.settle();
            from.settle(item, Outcome.ACCEPTED);
        } else {
            sender.advance();
            unsettled++;
        }
        host.sent();
        host.wake();
    }

    private static ReadableBuffer whole(byte[] header, byte[] rest) {
        if (header.length == 0) {
            return ReadableBuffer.ByteBufferReader.wrap(rest);
        }
        if (rest.length > SMALL) {
            return new CompositeReadableBuffer().append(header).append(rest);
        }
        byte[] all = new byte[header.length + rest.length];
        System.arraycopy(header, 0, all, 0, header.length);
        System.arraycopy(rest, 0, all, header.length, rest.length);
        return ReadableBuffer.ByteBufferReader.wrap(all);
    }

    @Override
    public void delivery(Delivery delivery) {
        if (delivery.isSettled() || !(delivery.getContext() instanceof Item item) || feed == null) {
            return;
        }
        DeliveryState state = delivery.getRemoteState();
        boolean over = delivery.remotelySettled();
        if (state instanceof TransactionalState enrolled) {
            retire(delivery, item, enrolled, over);
            return;
        }
        Outcome outcome = Outcomes.of(state);
        if (outcome == null && !over) {
            return; // "received", or nothing yet
        }
        finish(delivery, item, outcome == null ? otherwise : outcome);
        flow();
    }

    private void finish(Delivery delivery, Item item, Outcome outcome) {
        if (!delivery.remotelySettled() && !(delivery.getRemoteState() instanceof TransactionalState)) {
            delivery.disposition(delivery.getRemoteState());
        }
        delivery.settle();
        unsettled--;
        if (feed != null) {
            feed.settle(item, outcome);
        }
        host.wake();
    }

    /** Keeps an outcome until its transaction is decided (AMQP 1.0 section 4.4.3). */
    private void retire(Delivery delivery, Item item, TransactionalState enrolled, boolean over) {
        Transaction transaction = host.transactions().find(enrolled.getTxnId());
        if (transaction == null) {
            fail(new ResourceException(ErrorCode.NOT_FOUND, "a message is settled in a transaction there is not"));
            return;
        }
        Feed from = feed;
        if (from == null) {
            return;
        }
        Outcome stated = Outcomes.of(enrolled.getOutcome());
        Outcome outcome = stated == null ? Outcome.ACCEPTED : stated;
        transaction.retire(from, item, outcome, committed -> {
            if (ended || delivery.isSettled()) {
                return;
            }
            if (committed) {
                finish(delivery, item, outcome);
            } else if (over) {
                finish(delivery, item, Outcome.FAILED); // the client let go of it: it has to come again
            }
            flow();
        });
    }

    @Override
    public void ended(ResourceException reason) {
        fail(reason);
    }

    private void fail(ResourceException reason) {
        close(Conditions.of(reason));
    }

    @Override
    public void stolen() {
        close(new ErrorCondition(LinkError.STOLEN, "another connection attached the link '" + sender.getName() + "'"));
    }

    private void close(ErrorCondition condition) {
        if (!ended && sender.getLocalState() != EndpointState.CLOSED) {
            ended(false);
            sender.setCondition(condition);
            sender.close();
            host.wake();
        }
    }

    @Override
    public void ended(boolean forGood) {
        if (ended) {
            return;
        }
        ended = true;
        held.clear();
        if (feed != null) {
            feed.close(forGood);
        }
    }
}
