package org.millrace.subscription;

import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Subscriber;

/**
 * One subscription: its demand, its place, and what it is shown next.
 *
 * <p><b>Ownership.</b> The {@link Ownership} says who may call the methods marked "owner": an owner gives the subscription
 * away only by changing the state, after its outbox is flushed. Demand and the places are read and moved by subscribers,
 * publishers and the executor at any time.
 */
final class ChangeSubscription extends OwnedSubscription {
    private final SubscriptionEngine engine;
    private final Mailbox mailbox;
    private final Delivery delivery;
    private final Interest interest;
    private final Demand demand;
    /** Null unless the newest change per path is enough for the subscriber ({@code LATEST}). */
    private final @Nullable Conflation conflation;
    /** The head when the subscription began: what is up to there is past. */
    private final long pastUntil;

    /** Up to here the owner has looked at the changes; while LIVE the fan-out thread's position counts. */
    private volatile long position;
    /** Null when the present state or the past is complete, so that unjournaled events may pass. */
    private volatile @Nullable EarlyEvents early;

    // Owner.
    private @Nullable PresentScan scan;
    private @Nullable Watermarks watermarks;
    private boolean stalled;
    /** Up to here a scan of the present state had taken changes into account. */
    private long scannedTo;
    // Fan-out thread.
    private int passedOver;

    ChangeSubscription(
            SubscriptionEngine engine,
            Mailbox mailbox,
            Subscriber subscriber,
            Interest interest,
            boolean latest,
            StartingPoint start) {
        this.engine = engine;
        this.mailbox = mailbox;
        this.interest = interest;
        this.conflation = latest ? new Conflation(engine.options()) : null;
        this.demand = new Demand(engine.options().maxInFlight(), start.position());
        this.delivery = new Delivery(this, subscriber, demand);
        this.position = start.position();
        this.pastUntil = start.pastUntil();
        this.early = start.pastUntil() == StartingPoint.NO_PAST
                ? null
                : new EarlyEvents(engine.options().earlyEvents());
        this.scan = start.presentState() ? PresentScan.first(interest.filters(), engine.recordOrder()) : null;
    }

    // What the subscriber's side calls, on any thread.

    @Override
    public void request(long n) {
        demand.add(n);
        wake();
    }

    @Override
    public Cursor position() {
        // The head is read first, and of it what the fan-out thread followed before the state: see Demand.position.
        long followed = engine.followedSeq();
        long head = state() == Ownership.LIVE ? followed : position;
        if (conflation != null) {
            head = Math.min(head, conflation.after());
        }
        return new Cursor(engine.node(), demand.position(head));
    }

    @Override
    public void close() {
        Ownership before = becomeClosed();
        if (before != Ownership.CLOSED && before != Ownership.ENDING) {
            engine.forget(this);
        }
    }

    /** Ends the subscription after what is in flight, and tells the subscriber. */
    void end(ResourceException reason) {
        if (becomeEnding()) {
            engine.forget(this);
            mailbox.post(this, new Signal.Ended(reason));
        }
    }

    Mailbox mailbox() {
        return mailbox;
    }

    Delivery delivery() {
        return delivery;
    }

    Interest interest() {
        return interest;
    }

    /** Sets the subscription going if it waits for demand and has some. Called after anything that may change that. */
    void wake() {
        if (state() == Ownership.RESTING && demand.isUnmet()) {
            engine.rouse(this);
        }
        if (!demand.isWorthwhile()) {
            return;
        }
        if (become(Ownership.PARKED, Ownership.ACTIVE)) {
            engine.resume(this);
        } else if (become(Ownership.BEHIND, Ownership.DRAINING)) {
            engine.arrive(this);
        }
    }

    // What the owner calls.

    long seenTo() {
        return position;
    }

    void seenTo(long seq) {
        position = seq;
    }

    @Nullable
    PresentScan scan() {
        return scan;
    }

    /** Whether the subscriber is content with the present state where changes are lost. */
    boolean restartsWhenLost() {
        return conflation != null;
    }

    boolean isConflating() {
        return conflation != null && !conflation.isEmpty();
    }

    boolean isStalled() {
        return stalled;
    }

    void stall(boolean value) {
        stalled = value;
    }

    /**
     * Counts a change that concerns it while it is parked. Fan-out thread.
     *
     * @return whether it is to rest, as nothing it would take was there for long
     */
    boolean passOver(int most) {
        if (++passedOver < most || demand.isUnmet()) {
            return false;
        }
        passedOver = 0;
        return true;
    }

    /**
     * Gives up conflating if that was for nothing for long: a place in the journal is cheaper, and what lies behind it is
     * conflated when there is demand. Fan-out thread.
     *
     * @return whether the subscription is to be stalled
     */
    boolean giveUpConflating(int most) {
        Conflation held = conflation;
        if (held == null || held.taken() < most || demand.isUnmet() || held.after() < scannedTo) {
            return false;
        }
        // All before the eldest is delivered or was overtaken by what is in here, and will be again.
        position = held.after();
        held.clear();
        held.lagging(true);
        return true;
    }

    /** Whether it gave up conflating and has not read on since. */
    boolean isLagging() {
        return conflation != null && conflation.isLagging();
    }

    /** It has seen everything up to the newest changes. */
    void caughtUp() {
        passedOver = 0;
        if (conflation != null) {
            conflation.lagging(false);
        }
    }

    /** Leaves the subscription to whoever brings demand. The outbox is flushed. */
    void park() {
        stalled = false;
        if (becomeParked()) {
            wake();
        }
    }

    /** Whether a change that matches a filter is to be shown at all. */
    boolean admits(Change change) {
        Watermarks shown = watermarks;
        if (shown != null) {
            if (shown.covers(change)) {
                return false;
            }
            if (change.cursor().position() >= shown.end()) {
                watermarks = null;
            }
        }
        return interest.isVisible(change.path());
    }

    /** Takes a change that {@link #admits} passed: delivers it against demand, or conflates it. */
    Progress offer(Change change, Outbox out) {
        Conflation held = conflation;
        if (held == null) {
            return offerOne(change, out) ? Progress.DONE : Progress.STARVED;
        }
        if (held.isEmpty() && !held.isLagging() && offerOne(change, out)) {
            return Progress.DONE;
        }
        held.put(change);
        if (held.isOverfull()) {
            drain(out);
            if (held.isOverfull()) {
                restart(held.after());
                return Progress.OVERFLOWED;
            }
        }
        return Progress.DONE;
    }

    /** Delivers conflated changes as far as there is demand, oldest first. */
    void drain(Outbox out) {
        Conflation held = conflation;
        if (held == null) {
            return;
        }
        for (Change eldest = held.eldest(); eldest != null; eldest = held.eldest()) {
            if (!offerOne(eldest, out)) {
                held.resumeAt(eldest);
                return;
            }
            held.remove(eldest);
        }
        held.clear();
    }

    /** Has the present state shown anew, because changes behind a place are lost. */
    void restart(long lastSeen) {
        scan = PresentScan.after(lastSeen, interest.filters(), engine.recordOrder());
        position = Math.min(position, lastSeen);
        if (conflation != null) {
            conflation.clear();
            conflation.lagging(false);
        }
        watermarks = null;
        interest.forget();
    }

    private boolean offerOne(Change change, Outbox out) {
        Reason reason = interest.reason(change);
        if (reason == null) {
            return true;
        }
        if (!demand.takeFor(change.cursor().position())) {
            return false;
        }
        interest.told(change.path(), reason);
        out.add(this, out.show(change, reason));
        return true;
    }

    /** How many records to read at once for the present state: not many more than may be shown. */
    int sliceSize(int most) {
        return (int) Math.min(most, Math.max(16, demand.unmet()));
    }

    boolean offerPresent(Signal.Show record, Outbox out) {
        if (!demand.take()) {
            return false;
        }
        interest.told(record.change().path(), record.reason());
        out.add(this, record);
        return true;
    }

    /**
     * Begins the scan that is due, telling of the gap it bridges. The first scan goes on from where the subscription was
     * made, however long ago that was: events that were published since are part of no state.
     */
    void begin(PresentScan due, ChangeSource changes, Outbox out) {
        if (due.gapAfter() < 0 && position + 1 >= changes.firstSeq()) {
            due.begin(position);
        } else if (due.begin(changes.publishedSeq())) {
            out.add(this, new Signal.Lost(due.gap(engine.node(), position)));
            position = due.since();
        }
    }

    /** Turns from the present state to the changes behind it. */
    void finish(PresentScan done, Outbox out) {
        scan = null;
        watermarks = done.watermarks();
        scannedTo = done.watermarks().end();
        follow(new Cursor(engine.node(), done.since()), out);
    }

    /** Whether a subscription that has seen everything up to a place is yet to be told that the past is complete. */
    boolean awaitsCaughtUp() {
        return early != null;
    }

    long pastUntil() {
        return pastUntil;
    }

    /** Tells the subscriber that it is caught up and lets the events pass that came before. */
    void follow(Cursor at, Outbox out) {
        out.add(this, new Signal.CaughtUp(at));
        EarlyEvents held = early;
        if (held != null) {
            held.release(this, demand, out);
            early = null;
        }
    }

    // What publishers of unjournaled events call.

    /** Delivers an event that matches a filter if there is demand; otherwise it is lost to this subscription. */
    void pass(Change event) {
        if (isOver() || !interest.isVisible(event.path()) || !interest.passes(event)) {
            return;
        }
        EarlyEvents held = early;
        if ((held == null || !held.hold(event, demand.unmet() > 0)) && demand.take()) {
            mailbox.post(this, new Signal.Passing(event));
        }
    }
}
