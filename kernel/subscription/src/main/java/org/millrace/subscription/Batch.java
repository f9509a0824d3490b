package org.millrace.subscription;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Signals with their addressees, in order. Two arrays instead of pairs: a batch is filled and emptied all the time. */
final class Batch {
    private static final int KEPT_CAPACITY = 8192;

    private @Nullable ChangeSubscription[] subscriptions = new @Nullable ChangeSubscription[16];
    private @Nullable Signal[] signals = new @Nullable Signal[16];
    private int size;

    int size() {
        return size;
    }

    void add(ChangeSubscription subscription, Signal signal) {
        ensure(size + 1);
        subscriptions[size] = subscription;
        signals[size++] = signal;
    }

    void addAll(Batch other) {
        ensure(size + other.size);
        System.arraycopy(other.subscriptions, 0, subscriptions, size, other.size);
        System.arraycopy(other.signals, 0, signals, size, other.size);
        size += other.size;
    }

    ChangeSubscription subscription(int i) {
        return present(subscriptions[i]);
    }

    Signal signal(int i) {
        return present(signals[i]);
    }

    /** Forgets everything, and the room of a burst with it. */
    void clear() {
        if (signals.length > KEPT_CAPACITY) {
            subscriptions = new @Nullable ChangeSubscription[16];
            signals = new @Nullable Signal[16];
        } else {
            Arrays.fill(subscriptions, 0, size, null);
            Arrays.fill(signals, 0, size, null);
        }
        size = 0;
    }

    private void ensure(int capacity) {
        if (capacity > signals.length) {
            int room = Math.max(capacity, signals.length * 2);
            subscriptions = Arrays.copyOf(subscriptions, room);
            signals = Arrays.copyOf(signals, room);
        }
    }

    private static <T> T present(@Nullable T element) {
        if (element == null) {
            throw new IndexOutOfBoundsException("behind the end of the batch");
        }
        return element;
    }
}
