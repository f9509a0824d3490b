package org.millrace.plugin.mqtt.delivery;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.Exchange.Stage;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;

/**
 * One topic filter of one client. Collects the units of demand that come back, so that the host is asked once a batch.
 * Used by the connection's event loop only.
 */
public final class MqttSubscription implements Subscriber {
    private final Outbound outbound;
    private SubscriptionOptions options;
    private @Nullable Subscription source;
    private long node;
    private final boolean shared;
    private final int number;
    /** Where its source began, while the present state is being shown. */
    private @Nullable Cursor began;
    /** What is left to do once the client has ended it. */
    private @Nullable Retirement retirement;

    private boolean caughtUp;
    private boolean replay;
    private boolean closed;

    private final DeliveryLine line = new DeliveryLine();
    private final DeliveryWindow window = new DeliveryWindow();
    private NoLocal noLocal;
    private Share share = Share.NONE;

    /**
     * Makes a subscription that has no source yet.
     *
     * @param outbound where changes go
     * @param options what the client asked for
     * @param number what the session calls it, the same across connections; higher than those of older subscriptions
     * @param shared whether it shares with other clients, so that its place does not lead back to what it delivers
     */
    public MqttSubscription(Outbound outbound, SubscriptionOptions options, int number, boolean shared) {
        this.outbound = outbound;
        this.options = options;
        this.number = number;
        this.shared = shared;
        this.noLocal = new NoLocal(options.noLocal(), List.of());
    }

    /**
     * Makes a subscription that shows retained messages and ends when it has. It serves a repeated SUBSCRIBE, whose
     * first subscription goes on meanwhile.
     *
     * @param outbound where changes go
     * @param options what the client asked for
     * @return the subscription
     */
    public static MqttSubscription replay(Outbound outbound, SubscriptionOptions options) {
        MqttSubscription subscription = new MqttSubscription(outbound, options, 0, false);
        subscription.replay = true;
        return subscription;
    }

    /**
     * Gives it what it is fed by.
     *
     * @param from the host's subscription, or a share of one
     * @param present whether the present state comes first
     */
    public void feed(Subscription from, boolean present) {
        source = from;
        share = Share.of(from);
        node = from.position().node();
        caughtUp = !present;
        began = present ? from.position() : null;
    }

    /**
     * Gives it another source in place of the one it has.
     *
     * @param from starts where the other did, without the present state
     */
    public void feedAnew(Subscription from) {
        if (source != null) {
            source.close();
        }
        source = from;
        share = Share.of(from);
        caughtUp = true;
    }

    /**
     * Starts the flow, once the client has its SUBACK or CONNACK.
     *
     * @param demand how many messages may be under way at once
     */
    public void start(long demand) {
        window.open(demand, outbound.maxWaitingBytes(), !caughtUp);
        request();
    }

    private void request() {
        if (source != null && !closed) {
            long n = window.give();
            if (n > 0) {
                source.request(n);
            }
        }
    }

    /**
     * What the client asked for.
     *
     * @return as last set
     */
    public SubscriptionOptions options() {
        return options;
    }

    /** Changes what holds for messages; no-local for those behind a place only. */
    void options(SubscriptionOptions value, long from) {
        noLocal.change(value.noLocal(), from, placePosition());
        options = value;
    }

    /**
     * What no-local was for changes that the subscription may still come to.
     *
     * @return by ascending place
     */
    public List<NoLocal.Earlier> earlierNoLocal() {
        return noLocal.earlier();
    }

    /**
     * Takes over what an earlier connection knew of no-local.
     *
     * @param earlier by ascending place
     */
    public void restoreNoLocal(List<NoLocal.Earlier> earlier) {
        noLocal = new NoLocal(options.noLocal(), earlier);
    }

    /** Whether a change that the client itself has caused is not for this subscription. */
    boolean leavesOutOwn(Change change) {
        return noLocal.leavesOut(change);
    }

    /**
     * What the session calls it.
     *
     * @return as it was made
     */
    public int number() {
        return number;
    }

    /**
     * Whether it shares with other clients.
     *
     * @return as it was made
     */
    public boolean isShared() {
        return shared;
    }

    /**
     * What it tells its group.
     *
     * @return of a subscription that is not shared, one that tells nothing
     */
    public Share share() {
        return share;
    }

    /** Whether the client's other subscriptions are no concern of it: a shared one and a live query show other changes. */
    boolean standsAlone() {
        return shared || !options.query().isEmpty();
    }

    /** Makes it one that outlives its connection. */
    public void keep() {
        if (!shared) {
            line.keep();
        }
    }

    /**
     * What the client's other subscriptions leave to it although it has ended.
     *
     * @return null while it has not
     */
    public @Nullable Retirement retirement() {
        return retirement;
    }

    void retire(Retirement value, long ofNode) {
        retirement = value;
        node = ofNode;
    }

    long node() {
        return node;
    }

    /**
     * Where its changes begin if it has not shown the present state completely: nothing of what follows was delivered.
     *
     * @return null if the present state was shown, or was not asked for
     */
    public @Nullable Cursor began() {
        return caughtUp ? null : began;
    }

    /** Whether its place leads back to what it delivers. */
    boolean keepsPlace() {
        return line.isKept();
    }

    /**
     * Where to resume after a reconnect.
     *
     * @return how far it is
     */
    public Flight.Place place() {
        Retirement over = retirement;
        if (closed && over != null) {
            return new Flight.Place(new Cursor(node, over.upTo()), false, List.of());
        }
        return line.place(source == null ? null : source.position(), !caughtUp);
    }

    /** The position of {@link #place}. */
    long placePosition() {
        return line.placePosition(position());
    }

    /** Up to here all that it has to do with was offered to the connection. */
    long position() {
        return source == null ? 0 : source.position().position();
    }

    /** Whether the present state was shown, or none was asked for. */
    boolean isCaughtUp() {
        return caughtUp;
    }

    /** Its messages of QoS 1 and 2, in order. */
    DeliveryLine line() {
        return line;
    }

    /**
     * A message is over. Demand goes back in order, so that a client which never acknowledges one message has no more
     * behind it than it has demand.
     */
    void finished(Outgoing message) {
        message.stage = Stage.DONE;
        if (!line.finished(message, this::giveDemandBack)) {
            if (!message.givenBack) {
                share.remembered(message);
            }
            giveDemandBack(message);
        }
    }

    private void giveDemandBack(Outgoing message) {
        if (message.holdsDemand) {
            message.holdsDemand = false;
            outbound.settle(this);
        }
    }

    /** Ends the subscription; what it delivered and is not sent yet is not sent. */
    public void close() {
        closed = true;
        if (source != null) {
            source.close();
        }
    }

    /** Whether the host will soon have to hold changes back, and to drop what it does not keep. */
    boolean isAlmostStarved() {
        return window.isAlmostUsed();
    }

    boolean isClosed() {
        return closed;
    }

    /** Takes one unit of demand back; true if it is the first since the last {@link #requestOwed}. */
    boolean owe() {
        return window.over();
    }

    void requestOwed() {
        request();
    }

    @Override
    public void onChange(Change change, Reason reason) {
        window.took(PublishWriter.size(change));
        if (replay && reason != Reason.CURRENT) {
            outbound.settle(this);
            return;
        }
        outbound.offer(this, change, reason);
    }

    @Override
    public void onCaughtUp(Cursor at) {
        caughtUp = true;
        if (replay) {
            // What it delivered may still wait for room, and must be sent.
            if (source != null) {
                source.close();
                source = null;
            }
            outbound.batchEnd(); // a closed subscription is told of no end of the batch
            return;
        }
        window.caughtUp();
        request();
        outbound.caughtUp(this);
    }

    @Override
    public void onBatchEnd() {
        outbound.batchEnd();
    }

    @Override
    public void onClosed(ResourceException reason) {
        if (!closed) {
            closed = true;
            outbound.lost(this, reason);
        }
    }
}
