package org.millrace.subscription;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.millrace.journal.ChangeReader;
import org.millrace.journal.PublishSignal;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the fan-out thread does: it takes in subscriptions that have caught up, follows the published changes, and offers
 * each to the live subscriptions it concerns.
 *
 * <p>{@link #turn} and what it calls belong to that one thread; {@link #arrive}, {@link #signal} and
 * {@link #followedSeq} are for any.
 */
final class FanOut {
    private static final Logger LOG = LoggerFactory.getLogger(FanOut.class);
    /**
     * After so many subscriptions looked at, a turn ends: what one takes in a turn is its demand, so with long turns many
     * subscribers of a path would slow the few that keep up.
     */
    private static final int TURN_OFFERS = 65_536;

    private static final long MAX_SLEEP_NANOS = Duration.ofMinutes(1).toNanos();

    private final SubscriptionEngine engine;
    private final ChangeSource source;
    private final Followers followers;
    private final SubscriptionOptions options;
    private final PathHashes paths;
    private final Replay replay;
    private final Queue<ChangeSubscription> arrivals = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean signalled = new AtomicBoolean();
    private final PublishSignal wakeup = new PublishSignal();
    private volatile long followedSeq;

    // Of the fan-out thread.
    private @Nullable ChangeReader reader;
    private final Outbox out = new Outbox();
    private final Matches matches = new Matches();
    private final List<ChangeSubscription> stalled = new ArrayList<>();
    private final List<ChangeSubscription> early = new ArrayList<>();

    FanOut(
            SubscriptionEngine engine,
            ChangeSource source,
            Followers followers,
            PathHashes paths,
            SubscriptionOptions options) {
        this.engine = engine;
        this.source = source;
        this.followers = followers;
        this.options = options;
        this.paths = paths;
        this.replay = new Replay(new Passage.Ground(source, null, paths));
        this.followedSeq = source.publishedSeq();
    }

    /** Up to which place all live subscriptions have been offered everything. */
    long followedSeq() {
        return followedSeq;
    }

    /** Hands over a subscription that is {@code ACTIVE} and near the head, or {@code DRAINING}. */
    void arrive(ChangeSubscription subscription) {
        arrivals.add(subscription);
        signal();
    }

    /** Has the thread look for work. Cheap while it is at work. */
    void signal() {
        signalled.set(true);
        wakeup.run();
    }

    /** Works until the engine closes; the body of the fan-out thread. */
    void run() {
        while (engine.isOpen()) {
            signalled.set(false);
            if (!turn()) {
                wakeup.await(signalled::get, MAX_SLEEP_NANOS);
            }
        }
    }

    /** Ends reading, after the last turn. */
    void close() {
        ChangeReader open = reader;
        reader = null;
        if (open != null) {
            open.close();
        }
    }

    /**
     * Takes in arrivals and follows one run of changes.
     *
     * @return false if there was nothing to do
     */
    boolean turn() {
        boolean admitted = admitArrivals();
        long position = follow();
        out.flush();
        // Only now may others own those that found no demand: what was staged for them is on its way.
        for (ChangeSubscription subscription : stalled) {
            subscription.park();
        }
        stalled.clear();
        boolean moved = position != followedSeq;
        followedSeq = position;
        engine.moved();
        return moved || admitted;
    }

    // Arrivals.

    private boolean admitArrivals() {
        int budget = 2 * options.handOverChanges();
        boolean any = false;
        ChangeSubscription next;
        while (budget > 0 && (next = arrivals.poll()) != null) {
            budget -= 1 + Math.clamp(followedSeq - next.seenTo(), 0, options.handOverChanges());
            any |= admitGuarded(next);
        }
        arrivals.addAll(early);
        early.clear();
        return any;
    }

    private boolean admitGuarded(ChangeSubscription subscription) {
        try {
            return admit(subscription);
        } catch (ResourceException e) {
            if (e.code() == ErrorCode.EXPIRED_CURSOR) {
                // The reader pool finds the same and knows what to do.
                engine.catchUp(subscription);
            } else {
                subscription.end(e);
            }
        } catch (RuntimeException e) {
            fail(subscription, e);
        }
        return true;
    }

    /** Returns false if the subscription must wait for the fan-out thread to come to its position. */
    private boolean admit(ChangeSubscription subscription) {
        switch (subscription.state()) {
            case DRAINING -> {
                if (subscription.scan() != null || subscription.isLagging()) {
                    if (subscription.become(Ownership.DRAINING, Ownership.ACTIVE)) {
                        engine.catchUp(subscription);
                    }
                } else if (subscription.become(Ownership.DRAINING, Ownership.BEHIND)) {
                    settle(subscription, Ownership.BEHIND);
                }
            }
            case ACTIVE -> {
                long rest = followedSeq - subscription.seenTo();
                if (rest < 0 || (subscription.awaitsCaughtUp() && followedSeq < subscription.pastUntil())) {
                    early.add(subscription);
                    return false;
                }
                if (subscription.scan() != null || rest > options.handOverChanges()) {
                    engine.catchUp(subscription);
                    return true;
                }
                switch (replay.forward(subscription, followedSeq, options.handOverChanges(), out)) {
                    case DONE -> settle(subscription, Ownership.ACTIVE);
                    case MORE -> early.add(subscription);
                    case STARVED, OVERFLOWED -> stall(subscription);
                }
            }
            case PARKED, RESTING, LIVE, BEHIND, ENDING, CLOSED -> {}
        }
        return true;
    }

    /** Makes a subscription live that has seen all that was followed, or leaves it behind with its conflated changes. */
    private void settle(ChangeSubscription subscription, Ownership from) {
        subscription.drain(out);
        subscription.caughtUp();
        if (subscription.isConflating()) {
            if (from == Ownership.BEHIND || subscription.become(from, Ownership.BEHIND)) {
                subscription.wake();
            }
            return;
        }
        if (subscription.awaitsCaughtUp()) {
            subscription.follow(new Cursor(source.node(), followedSeq), out);
        }
        subscription.become(from, Ownership.LIVE);
    }

    private void stall(ChangeSubscription subscription) {
        subscription.stall(true);
        stalled.add(subscription);
    }

    // Changes.

    private long follow() {
        try {
            ChangeReader from = reader;
            if (from == null) {
                from = source.read(followedSeq);
                reader = from;
            }
            int offers = 0;
            for (int i = 0; i < options.runLength() && offers < TURN_OFFERS; i++) {
                Change change = from.next();
                if (change == null) {
                    break;
                }
                paths.add(change);
                offers += offer(change);
            }
            return from.position();
        } catch (ResourceException e) {
            if (e.code() != ErrorCode.EXPIRED_CURSOR) {
                throw e;
            }
            return skipLost(e);
        }
    }

    /** Gives how many subscriptions were looked at. */
    private int offer(Change change) {
        followers.match(change.path(), matches);
        for (ChangeSubscription subscription : matches.found()) {
            try {
                offer(change, subscription);
            } catch (ResourceException e) {
                subscription.end(e);
            } catch (RuntimeException e) {
                fail(subscription, e);
            }
        }
        int looked = matches.found().size();
        matches.clear();
        return looked;
    }

    private void offer(Change change, ChangeSubscription subscription) {
        switch (subscription.state()) {
            case LIVE -> {
                if (subscription.isStalled() || !subscription.admits(change)) {
                    return;
                }
                switch (subscription.offer(change, out)) {
                    case DONE, MORE -> {
                        if (subscription.isConflating()) {
                            subscription.seenTo(change.cursor().position() - 1);
                            if (subscription.become(Ownership.LIVE, Ownership.BEHIND)) {
                                subscription.wake();
                            }
                        }
                    }
                    case STARVED, OVERFLOWED -> {
                        subscription.seenTo(change.cursor().position() - 1);
                        stall(subscription);
                    }
                }
            }
            case BEHIND, DRAINING -> {
                if (!subscription.isStalled()
                        && subscription.scan() == null
                        && !subscription.isLagging()
                        && subscription.admits(change)
                        && (subscription.offer(change, out) == Progress.OVERFLOWED
                                || subscription.giveUpConflating(options.restAfter()))) {
                    stall(subscription);
                }
            }
            case PARKED -> {
                if (subscription.passOver(options.restAfter())) {
                    engine.rest(subscription);
                }
            }
            case RESTING, ACTIVE, ENDING, CLOSED -> {}
        }
    }

    /** Retention overtook this thread itself: those it kept up to date are sent to find out one by one. */
    private long skipLost(ResourceException cause) {
        ChangeReader overtaken = reader;
        long lost = overtaken == null ? followedSeq : overtaken.position();
        close();
        long head = source.publishedSeq();
        LOG.warn(
                "Subscriptions could not keep up with the journal, and retention has deleted changes behind {} that"
                        + " were not delivered ({}). Keep more of the journal, or write more slowly",
                lost,
                cause.getMessage());
        for (ChangeSubscription subscription : engine.subscriptions()) {
            Ownership state = subscription.state();
            switch (state) {
                case LIVE -> {
                    if (!subscription.isStalled()) {
                        subscription.seenTo(lost);
                        stall(subscription);
                    }
                }
                case BEHIND, DRAINING -> {
                    if (!subscription.isStalled() && !subscription.isLagging() && subscription.scan() == null) {
                        subscription.restart(lost);
                        stall(subscription);
                    }
                }
                case PARKED, RESTING, ACTIVE, ENDING, CLOSED -> {}
            }
        }
        return head;
    }

    private static void fail(ChangeSubscription subscription, RuntimeException cause) {
        LOG.error(
                "A grant or the condition of a subscription of {} failed; it is closed. This is a defect; report it",
                subscription.interest().filters(),
                cause);
        subscription.end(ResourceException.from(cause));
    }
}
