package org.millrace.host.resources;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Lets a view's client wait until the host has room for its writes again. Safe for use by any thread. */
final class RoomAhead {
    private final ResourceTree tree;
    private final ViewWrites writes;
    private final Mailbox mailbox;
    private final AtomicReference<Completion.@Nullable OfMoment> waiting = new AtomicReference<>();
    private final Runnable goOn = this::goOn;
    private volatile boolean closed;

    RoomAhead(ResourceTree tree, ViewWrites writes, Mailbox mailbox) {
        this.tree = tree;
        this.writes = writes;
        this.mailbox = mailbox;
    }

    boolean isMissing() {
        return writes.isLineLong()
                || tree.store().isSaturated()
                || tree.subscriptions().isLagging();
    }

    /** Completes at the mailbox's executor when there is room; all who wait at once share one stage. */
    CompletionStage<Void> whenThere() {
        if (!isMissing()) {
            return CompletableFuture.completedStage(null);
        }
        Completion.OfMoment mine = new Completion.OfMoment(mailbox);
        Completion.OfMoment earlier = waiting.compareAndExchange(null, mine);
        if (earlier != null) {
            return earlier;
        }
        writes.whenLineShort(() -> {
            tree.waiting().add(goOn);
            if (closed) {
                stop();
            }
        });
        return mine;
    }

    private void goOn() {
        Completion.OfMoment ready = waiting.getAndSet(null);
        if (ready != null) {
            mailbox.deliver(ready);
        }
    }

    /** Nobody waits any more: whoever does is told, and finds the view closed. */
    void close() {
        closed = true;
        stop();
    }

    private void stop() {
        tree.waiting().remove(goOn);
        goOn();
    }
}
