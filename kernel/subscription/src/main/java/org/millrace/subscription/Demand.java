package org.millrace.subscription;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What a subscriber asked for and has not been given, and how much of it is on its way.
 *
 * <p>Any thread may add demand or take a unit. The place up to which all is delivered is moved by two parties that
 * cannot meet: the executor's task while something is in flight, the subscription's owner while nothing is.
 */
final class Demand {
    private static final VarHandle UNMET;
    private static final VarHandle IN_FLIGHT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            UNMET = lookup.findVarHandle(Demand.class, "unmet", long.class);
            IN_FLIGHT = lookup.findVarHandle(Demand.class, "inFlight", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int maxInFlight;
    private volatile int inFlight;
    private volatile long unmet;
    private volatile long deliveredTo;

    /**
     * No demand yet.
     *
     * @param maxInFlight how many units may be on their way at once
     * @param deliveredTo the place to begin behind
     */
    Demand(int maxInFlight, long deliveredTo) {
        this.maxInFlight = maxInFlight;
        this.deliveredTo = deliveredTo;
    }

    void add(long n) {
        if (n < 1) {
            throw new IllegalArgumentException("requested " + n + " changes; at least 1 is needed");
        }
        long before;
        long after;
        do {
            before = unmet;
            after = before + n < 0 ? Long.MAX_VALUE : before + n;
        } while (!UNMET.compareAndSet(this, before, after));
    }

    /** How much could be delivered now, were nothing in flight. */
    long unmet() {
        return Math.min(unmet, maxInFlight);
    }

    /** Whether there is any, however much is in flight. */
    boolean isUnmet() {
        return unmet > 0;
    }

    /** Whether it is worth setting a subscription going: half of the window is free, so that it goes for a while. */
    boolean isWorthwhile() {
        return unmet > 0 && inFlight <= maxInFlight / 2;
    }

    /** Takes a unit for something that has no place among the changes. */
    boolean take() {
        if (inFlight >= maxInFlight) {
            return false;
        }
        long available;
        do {
            available = unmet;
            if (available == 0) {
                return false;
            }
        } while (available != Long.MAX_VALUE && !UNMET.compareAndSet(this, available, available - 1));
        IN_FLIGHT.getAndAdd(this, 1);
        return true;
    }

    /** Takes a unit for a change. Owner of the subscription only. */
    boolean takeFor(long seq) {
        if (unmet > 0 && inFlight == 0 && seq - 1 > deliveredTo) {
            // All before it is delivered or did not match: the place need not stay behind.
            deliveredTo = seq - 1;
        }
        return take();
    }

    /** A unit without a place has arrived. Executor's task only. */
    void arrived() {
        IN_FLIGHT.getAndAdd(this, -1);
    }

    /** A change has arrived. Executor's task only. */
    void arrived(long seq) {
        if (seq > deliveredTo) {
            deliveredTo = seq;
        }
        IN_FLIGHT.getAndAdd(this, -1);
    }

    /**
     * The place up to which all is delivered.
     *
     * @param head up to where the owner has looked, read before this is called: whoever moves it counts what it
     *     delivers in first
     */
    long position(long head) {
        boolean nothingInFlight = inFlight == 0;
        long sure = deliveredTo;
        return nothingInFlight ? Math.max(head, sure) : sure;
    }
}
