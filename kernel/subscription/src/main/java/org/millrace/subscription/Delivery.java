package org.millrace.subscription;

import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Gap;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Subscriber;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls one subscriber. Used by the task of its mailbox, on the subscriber's executor. */
final class Delivery {
    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

    private final ChangeSubscription subscription;
    private final Subscriber subscriber;
    private final Demand demand;
    private boolean touched;

    Delivery(ChangeSubscription subscription, Subscriber subscriber, Demand demand) {
        this.subscription = subscription;
        this.subscriber = subscriber;
        this.demand = demand;
    }

    /**
     * Calls the subscriber, unless the subscription is closed.
     *
     * @return whether this is the first call of the task, so that {@link #endBatch} is due
     */
    boolean deliver(Signal signal) {
        if (isClosed()) {
            return false;
        }
        try {
            call(signal);
        } catch (Throwable t) { // whatever a plugin's code throws ends its own subscription and nothing else
            fail(t);
        }
        boolean first = !touched;
        touched = true;
        return first;
    }

    private void call(Signal signal) {
        switch (signal) {
            case Signal.Show(Change change, Reason reason) -> {
                if (reason == Reason.CURRENT) {
                    demand.arrived();
                } else {
                    demand.arrived(change.cursor().position());
                }
                subscriber.onChange(change, reason);
            }
            case Signal.Passing(Change event) -> {
                demand.arrived();
                subscriber.onChange(event, Reason.LIVE);
            }
            case Signal.CaughtUp(Cursor at) -> subscriber.onCaughtUp(at);
            case Signal.Lost(Gap gap) -> subscriber.onGap(gap);
            case Signal.Ended(ResourceException reason) -> {
                if (subscription.become(Ownership.ENDING, Ownership.CLOSED)) {
                    subscriber.onClosed(reason);
                }
            }
        }
    }

    /** Ends the subscriber's batch, and sets the subscription going if what arrived makes room for more. */
    void endBatch() {
        touched = false;
        if (!isClosed()) {
            try {
                subscriber.onBatchEnd();
            } catch (Throwable t) { // as in deliver
                fail(t);
            }
        }
        subscription.wake();
    }

    private boolean isClosed() {
        return subscription.state() == Ownership.CLOSED;
    }

    private void fail(Throwable cause) {
        LOG.error(
                "Subscriber {} of {} threw; its subscription is closed. This is a defect of the plugin it belongs to;"
                        + " report it there",
                subscriber.getClass().getName(),
                subscription.interest().filters(),
                cause);
        if (isClosed()) {
            return;
        }
        subscription.close();
        try {
            subscriber.onClosed(new ResourceException(
                    ErrorCode.INTERNAL,
                    "the subscription of " + subscription.interest().filters()
                            + " failed; the server's log has the cause"));
        } catch (Throwable t) { // as in deliver; the defect is already logged
            LOG.debug(
                    "Subscriber {} threw in onClosed, too",
                    subscriber.getClass().getName(),
                    t);
        }
    }
}
