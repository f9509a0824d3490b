package org.millrace.subscription;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.millrace.spi.resource.Subscription;

/**
 * A subscription that one party at a time may move forward: its {@link Ownership}, from which any thread may read and
 * which changes in one step, so that of two that want it, one gets it.
 */
abstract class OwnedSubscription implements Subscription {
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(OwnedSubscription.class, "state", Ownership.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile Ownership state = Ownership.PARKED;

    final Ownership state() {
        return state;
    }

    final boolean isOver() {
        return isOver(state);
    }

    private static boolean isOver(Ownership state) {
        return state == Ownership.ENDING || state == Ownership.CLOSED;
    }

    final boolean become(Ownership from, Ownership to) {
        return STATE.compareAndSet(this, from, to);
    }

    /** Has nothing more delivered; gives what it was before. */
    final Ownership becomeClosed() {
        return (Ownership) STATE.getAndSet(this, Ownership.CLOSED);
    }

    /** Has nothing more delivered but what is in flight; returns false if it was over. */
    final boolean becomeEnding() {
        Ownership seen;
        do {
            seen = state;
            if (isOver(seen)) {
                return false;
            }
        } while (!become(seen, Ownership.ENDING));
        return true;
    }

    /**
     * Gives it back to nobody. Called by its owner.
     *
     * @return false if it ended meanwhile, or is in the queue before the fan-out thread, which finds what is to be done
     */
    final boolean becomeParked() {
        Ownership seen;
        do {
            seen = state;
            if (seen != Ownership.ACTIVE && seen != Ownership.LIVE && seen != Ownership.BEHIND) {
                return false;
            }
        } while (!become(seen, Ownership.PARKED));
        return true;
    }
}
