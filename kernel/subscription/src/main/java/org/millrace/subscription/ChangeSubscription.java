package org.millrace.subscription;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Gap;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subscription: its demand, its place and who moves it forward.
 *
 * <p><b>Ownership.</b> The {@link State} says who may call the methods marked "owner": an owner gives the subscription
 * away only by changing the state, after its outbox is flushed. Demand, the number of deliveries in flight and the
 * places are volatile, because subscribers, publishers and the executor touch them at any time.
 */
final class ChangeSubscription implements Subscription {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeSubscription.class);
    private static final VarHandle STATE;
    private static final VarHandle DEMAND;
    private static final VarHandle IN_FLIGHT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(ChangeSubscription.class, "state", State.class);
            DEMAND = lookup.findVarHandle(ChangeSubscription.class, "demand", long.class);
            IN_FLIGHT = lookup.findVarHandle(ChangeSubscription.class, "inFlight", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Who owns a subscription. */
    enum State {
        /** Nobody: it waits for demand at its position. */
        PARKED,
        /** The reader pool, or the queue before the fan-out thread. */
        ACTIVE,
        /** The fan-out thread, which delivers changes as they come. */
        LIVE,
        /** The fan-out thread, which conflates changes until there is demand. */
        BEHIND,
        /** The same, and the subscription is in the queue before the fan-out thread because demand came. */
        DRAINING,
        /** Nobody: what is in flight is delivered, then the end. */
        ENDING,
        /** Nobody: nothing more is delivered. */
        CLOSED
    }

    private final SubscriptionEngine engine;
    private final Mailbox mailbox;
    private final Subscriber subscriber;
    private final List<TopicFilter> filters;
    private final Predicate<Path> visible;
    private final boolean latest;
    private final @Nullable LiveQuery query;
    /** The head when the subscription began: what is up to there is past. */
    private final long pastUntil;

    private volatile State state = State.PARKED;
    private volatile long demand;
    private volatile int inFlight;
    /** Up to here the owner has looked at the changes; while LIVE the fan-out thread's position counts. */
    private volatile long position;
    /** The place before the eldest conflated change. */
    private volatile long conflatedAfter = Long.MAX_VALUE;
    /** A place up to which everything is delivered, whatever is in flight. */
    private volatile long resumeAfter;
    /** Whether the present state or the past is complete, so that unjournaled events may pass. */
    private volatile boolean following;

    // Owner.
    private @Nullable PresentScan scan;
    private @Nullable Watermarks watermarks;
    private @Nullable Conflation conflation;
    private boolean stalled;
    // Guarded by this.
    private @Nullable Queue<Change> early;
    // Of the mailbox's task.
    private boolean touched;

    ChangeSubscription(
            SubscriptionEngine engine,
            Mailbox mailbox,
            Subscriber subscriber,
            List<TopicFilter> filters,
            Predicate<Path> visible,
            boolean latest,
            @Nullable LiveQuery query,
            StartingPoint start) {
        this.engine = engine;
        this.mailbox = mailbox;
        this.subscriber = subscriber;
        this.filters = filters;
        this.visible = visible;
        this.latest = latest;
        this.query = query;
        this.position = start.position();
        this.resumeAfter = start.position();
        this.pastUntil = start.pastUntil();
        this.following = start.pastUntil() == StartingPoint.NO_PAST;
        this.scan = start.presentState() ? PresentScan.first(filters, engine.recordOrder()) : null;
    }

    /** Where a subscription is when it is made, and what lies before it. */
    record StartingPoint(long position, boolean presentState, long pastUntil) {
        static final long NO_PAST = -1;
    }

    // What the subscriber's side calls, on any thread.

    @Override
    public void request(long n) {
        if (n < 1) {
            throw new IllegalArgumentException("requested " + n + " changes; at least 1 is needed");
        }
        long before;
        long after;
        do {
            before = demand;
            after = before + n < 0 ? Long.MAX_VALUE : before + n;
        } while (!DEMAND.compareAndSet(this, before, after));
        wake();
    }

    @Override
    public Cursor position() {
        // The order of reading matters: whoever delivers counts a delivery in before it moves any of the places on.
        long followed = engine.followedSeq();
        long head = Math.min(state == State.LIVE ? followed : position, conflatedAfter);
        boolean allDelivered = inFlight == 0;
        long sure = resumeAfter;
        return new Cursor(engine.node(), allDelivered ? Math.max(head, sure) : sure);
    }

    @Override
    public void close() {
        State seen;
        do {
            seen = state;
            if (seen == State.CLOSED) {
                return;
            }
        } while (!become(seen, State.CLOSED));
        if (seen != State.ENDING) {
            engine.forget(this);
        }
    }

    /** Ends the subscription after what is in flight, and tells the subscriber. */
    void end(ResourceException reason) {
        State seen;
        do {
            seen = state;
            if (seen == State.ENDING || seen == State.CLOSED) {
                return;
            }
        } while (!become(seen, State.ENDING));
        engine.forget(this);
        mailbox.post(this, new Signal.Ended(reason));
    }

    State state() {
        return state;
    }

    boolean isOver() {
        State seen = state;
        return seen == State.ENDING || seen == State.CLOSED;
    }

    boolean become(State from, State to) {
        return STATE.compareAndSet(this, from, to);
    }

    Mailbox mailbox() {
        return mailbox;
    }

    List<TopicFilter> filters() {
        return filters;
    }

    boolean isVisible(Path path) {
        return visible.test(path);
    }

    /** Sets the subscription going if it waits for demand and has some. Called after anything that may change that. */
    void wake() {
        if (demand == 0 || inFlight > engine.options().maxInFlight() / 2) {
            return;
        }
        if (become(State.PARKED, State.ACTIVE)) {
            engine.resume(this);
        } else if (become(State.BEHIND, State.DRAINING)) {
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
        return latest;
    }

    boolean isConflating() {
        return conflation != null;
    }

    boolean isStalled() {
        return stalled;
    }

    void stall(boolean value) {
        stalled = value;
    }

    /** Leaves the subscription to whoever brings demand. The outbox is flushed. */
    void park() {
        stalled = false;
        State seen;
        do {
            seen = state;
            if (seen != State.ACTIVE && seen != State.LIVE && seen != State.BEHIND) {
                // Ended meanwhile, or in the queue before the fan-out thread, which finds the scan to be done.
                return;
            }
        } while (!become(seen, State.PARKED));
        wake();
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
        return visible.test(change.path());
    }

    /** Whether a change found by reading, not by matching, is to be shown. */
    boolean selects(Change change) {
        return matchesFilter(change.path()) && admits(change);
    }

    private boolean matchesFilter(Path path) {
        for (TopicFilter filter : filters) {
            if (filter.matches(path)) {
                return true;
            }
        }
        return false;
    }

    /** Takes a change that {@link #admits} passed: delivers it against demand, or conflates it. */
    Progress offer(Change change, Outbox out) {
        Conflation held = conflation;
        if (held == null) {
            if (offerOne(change, out)) {
                return Progress.DONE;
            }
            if (!latest) {
                return Progress.STARVED;
            }
            held = new Conflation(
                    engine.options().conflatedPaths(), engine.options().conflatedBytes());
            conflation = held;
        }
        held.put(change);
        conflatedAfter = held.eldest().cursor().position() - 1;
        if (held.isOverfull()) {
            drain(out);
            if (held.isOverfull()) {
                restart(conflatedAfter);
                return Progress.OVERFLOWED;
            }
        }
        return Progress.DONE;
    }

    /** Delivers conflated changes as far as there is demand, oldest first. */
    void drain(Outbox out) {
        Conflation held = conflation;
        while (held != null && !held.isEmpty()) {
            Change eldest = held.eldest();
            if (!offerOne(eldest, out)) {
                conflatedAfter = eldest.cursor().position() - 1;
                return;
            }
            held.remove(eldest);
        }
        conflation = null;
        conflatedAfter = Long.MAX_VALUE;
    }

    /** Has the present state shown anew, because changes behind a place are lost. */
    void restart(long lastSeen) {
        scan = PresentScan.after(lastSeen, filters, engine.recordOrder());
        position = Math.min(position, lastSeen);
        conflation = null;
        conflatedAfter = Long.MAX_VALUE;
        watermarks = null;
        if (query != null) {
            query.forget();
        }
    }

    private boolean offerOne(Change change, Outbox out) {
        Reason reason = query == null ? Reason.LIVE : query.reason(change);
        if (reason == null) {
            return true;
        }
        if (!take(change.cursor().position() - 1)) {
            return false;
        }
        if (query != null) {
            query.apply(change.path(), reason);
        }
        out.add(this, out.show(change, reason));
        return true;
    }

    /** How many records to read at once for the present state: not many more than may be shown. */
    int sliceSize(int most) {
        long wanted = Math.min(demand, engine.options().maxInFlight());
        return (int) Math.min(most, Math.max(16, wanted));
    }

    boolean showsRecord(Entry record) {
        return visible.test(record.path()) && (query == null || query.matches(record.content()));
    }

    boolean offerPresent(Signal.Show record, Outbox out) {
        if (!take(-1)) {
            return false;
        }
        if (query != null) {
            query.apply(record.change().path(), record.reason());
        }
        out.add(this, record);
        return true;
    }

    /** Begins the scan that is due, telling of the gap it bridges. */
    void begin(PresentScan due, long publishedSeq, Outbox out) {
        if (!due.begin(publishedSeq)) {
            return;
        }
        if (due.gapAfter() >= 0) {
            Gap gap = new Gap(
                    new Cursor(engine.node(), due.gapAfter()),
                    new Cursor(engine.node(), publishedSeq),
                    "the subscriber was too slow; the present state follows");
            out.add(this, new Signal.Lost(gap));
        }
        position = publishedSeq;
    }

    /** Turns from the present state to the changes behind it. */
    void finish(PresentScan done, Outbox out) {
        scan = null;
        watermarks = done.watermarks();
        follow(new Cursor(engine.node(), done.since()), out);
    }

    /** Whether a subscription that has seen everything up to a place is yet to be told that the past is complete. */
    boolean awaitsCaughtUp() {
        return !following;
    }

    long pastUntil() {
        return pastUntil;
    }

    /** Tells the subscriber that it is caught up and lets the events pass that came before. */
    void follow(Cursor at, Outbox out) {
        out.add(this, new Signal.CaughtUp(at));
        synchronized (this) {
            Queue<Change> waiting = early;
            early = null;
            while (waiting != null && !waiting.isEmpty() && take(-1)) {
                out.add(this, new Signal.Passing(waiting.remove()));
            }
            // Before the flag: once it is set, publishers deliver past this thread.
            out.flush();
            following = true;
        }
    }

    // What publishers of unjournaled events call.

    /** Delivers an event that matches a filter if there is demand; otherwise it is lost to this subscription. */
    void pass(Change event) {
        State seen = state;
        if (seen == State.ENDING || seen == State.CLOSED || !visible.test(event.path())) {
            return;
        }
        if (query != null && query.reason(event) == null) {
            return;
        }
        if ((following || !keep(event)) && take(-1)) {
            mailbox.post(this, new Signal.Passing(event));
        }
    }

    /** Returns false if the subscription has come to follow meanwhile. */
    private synchronized boolean keep(Change event) {
        if (following) {
            return false;
        }
        if (demand > 0) {
            if (early == null) {
                early = new ArrayDeque<>();
            }
            if (early.size() < engine.options().earlyEvents()) {
                early.add(event);
            }
        }
        return true;
    }

    /**
     * Takes one unit of demand.
     *
     * @param before the place before the change it is for; negative if the delivery does not move the position
     */
    private boolean take(long before) {
        if (inFlight >= engine.options().maxInFlight()) {
            return false;
        }
        long available;
        do {
            available = demand;
            if (available == 0) {
                return false;
            }
        } while (available != Long.MAX_VALUE && !DEMAND.compareAndSet(this, available, available - 1));
        if (before > resumeAfter && inFlight == 0) {
            // All before this one is delivered, also what did not match: the position need not stay behind.
            resumeAfter = before;
        }
        IN_FLIGHT.getAndAdd(this, 1);
        return true;
    }

    // What the mailbox's task calls, on the subscriber's executor.

    /**
     * Calls the subscriber.
     *
     * @return false if the subscription is closed
     */
    boolean deliver(Signal signal) {
        if (state == State.CLOSED) {
            return false;
        }
        try {
            switch (signal) {
                case Signal.Show(Change change, Reason reason) -> {
                    if (reason != Reason.CURRENT) {
                        resumeAfter = Math.max(resumeAfter, change.cursor().position());
                    }
                    IN_FLIGHT.getAndAdd(this, -1);
                    subscriber.onChange(change, reason);
                }
                case Signal.Passing(Change event) -> {
                    IN_FLIGHT.getAndAdd(this, -1);
                    subscriber.onChange(event, Reason.LIVE);
                }
                case Signal.CaughtUp(Cursor at) -> subscriber.onCaughtUp(at);
                case Signal.Lost(Gap gap) -> subscriber.onGap(gap);
                case Signal.Ended(ResourceException reason) -> {
                    if (become(State.ENDING, State.CLOSED)) {
                        subscriber.onClosed(reason);
                    }
                }
            }
        } catch (Throwable t) { // whatever a plugin's code throws ends its own subscription and nothing else
            fail(t);
        }
        return state != State.CLOSED;
    }

    /** Notes that the subscriber was called in this task; false if it is noted. */
    boolean touch() {
        boolean first = !touched;
        touched = true;
        return first;
    }

    void endBatch() {
        touched = false;
        if (state != State.CLOSED) {
            try {
                subscriber.onBatchEnd();
            } catch (Throwable t) { // as in deliver
                fail(t);
            }
        }
        wake();
    }

    private void fail(Throwable cause) {
        LOG.error(
                "Subscriber {} of {} threw; its subscription is closed. This is a defect of the plugin it belongs to;"
                        + " report it there",
                subscriber.getClass().getName(),
                filters,
                cause);
        if (state == State.CLOSED) {
            return;
        }
        close();
        try {
            subscriber.onClosed(new ResourceException(
                    ErrorCode.INTERNAL, "the subscription of " + filters + " failed; the server's log has the cause"));
        } catch (Throwable t) { // as in deliver; the defect is already logged
            LOG.debug(
                    "Subscriber {} threw in onClosed, too",
                    subscriber.getClass().getName(),
                    t);
        }
    }
}
