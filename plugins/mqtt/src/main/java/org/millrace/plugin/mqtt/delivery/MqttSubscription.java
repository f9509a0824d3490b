package org.millrace.plugin.mqtt.delivery;

import org.jspecify.annotations.Nullable;
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
    private long owed;
    private long serial;
    private boolean caughtUp;
    private boolean replay;
    private boolean closed;

    /**
     * Makes a subscription that has no source yet.
     *
     * @param outbound where changes go
     * @param options what the client asked for
     */
    public MqttSubscription(Outbound outbound, SubscriptionOptions options) {
        this.outbound = outbound;
        this.options = options;
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
        MqttSubscription subscription = new MqttSubscription(outbound, options);
        subscription.replay = true;
        return subscription;
    }

    /**
     * Starts the flow.
     *
     * @param from the host's subscription, or a share of one
     * @param demand how many messages may be under way at once
     * @param present whether the present state comes first
     */
    public void start(Subscription from, long demand, boolean present) {
        source = from;
        caughtUp = !present;
        from.request(demand);
    }

    /**
     * What the client asked for.
     *
     * @return as last set
     */
    public SubscriptionOptions options() {
        return options;
    }

    /**
     * Changes what holds for messages from now on; the filter stays.
     *
     * @param value the options of a repeated SUBSCRIBE
     */
    public void options(SubscriptionOptions value) {
        options = value;
    }

    /**
     * Where to resume after a reconnect. While the present state is being shown that is where it began, so that no change
     * since is lost.
     *
     * @return null if there is no source yet
     */
    public @Nullable Cursor position() {
        return source == null ? null : source.position();
    }

    /**
     * Whether the present state was shown completely, or was not wanted.
     *
     * @return false if it has to be shown again after a reconnect
     */
    public boolean isCaughtUp() {
        return caughtUp;
    }

    /** Ends the subscription; what it delivered and is not sent yet is not sent. */
    public void close() {
        closed = true;
        if (source != null) {
            source.close();
        }
    }

    /** Takes back a message this member of a shared subscription cannot deliver; false if nobody else can. */
    boolean giveBack(Change change) {
        return source instanceof SharedGroup.Membership membership && membership.giveBack(change);
    }

    /** Orders the subscriptions of a client that can overlap; 0 for those that stand alone. */
    long serial() {
        return serial;
    }

    void serial(long value) {
        serial = value;
    }

    boolean isClosed() {
        return closed;
    }

    /** Takes one unit of demand back; true if it is the first since the last {@link #requestOwed}. */
    boolean owe() {
        return ++owed == 1;
    }

    void requestOwed() {
        long n = owed;
        owed = 0;
        if (n > 0 && !closed && source != null) {
            source.request(n);
        }
    }

    @Override
    public void onChange(Change change, Reason reason) {
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
        }
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
