package org.millrace.plugin.mqtt.delivery;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Cursor;

/**
 * Decides when a group's place is kept: at once, in groups, where a member waits for it, and otherwise within a second.
 * Nothing is kept of a group that no lasting session is a member of. Safe for use by any thread.
 */
final class GroupKeeping {
    /** So that an idle group follows the journal without writing, which would move the journal, forever. */
    private static final long WORTH_SAVING = 1_000;

    private final String name;
    private final GroupKey key;
    private final GroupStore store;
    private final Supplier<GroupState> state;
    private final Consumer<Runnable> later;

    private boolean kept;
    private boolean forgotten;
    private boolean planned;
    private @Nullable CompletableFuture<Void> saving;
    private @Nullable CompletableFuture<Void> next;
    private @Nullable Cursor saved;
    /** How many states were taken to be saved, and how many of them are durable. */
    private long taken;

    private long durable;

    GroupKeeping(String name, GroupKey key, GroupStore store, Supplier<GroupState> state, Consumer<Runnable> later) {
        this.name = name;
        this.key = key;
        this.store = store;
        this.state = state;
        this.later = later;
    }

    /** An earlier run of the server has kept it. */
    synchronized void found(GroupState earlier) {
        kept = true;
        saved = earlier.place();
    }

    /** What a restart would go on from; null if it would not. */
    @Nullable
    synchronized Cursor place() {
        return saved;
    }

    CompletionStage<Void> join(String session) {
        synchronized (this) {
            kept = true;
        }
        CompletableFuture<Void> joined = store.join(name, session).toCompletableFuture();
        return CompletableFuture.allOf(joined, save().toCompletableFuture());
    }

    CompletionStage<Void> leave(String session) {
        return store.leave(name, session);
    }

    /** Names the first state that is sure to contain what has happened by now; see {@link #isDurable}. */
    synchronized long next() {
        return taken + 1;
    }

    /** Whether a restart would go on from a state that {@link #next} has named, or from a later one. */
    synchronized boolean isDurable(long number) {
        return durable >= number || forgotten;
    }

    /** Completes when the state of now, or a later one, is durable. */
    CompletionStage<Void> save() {
        CompletableFuture<Void> mine;
        synchronized (this) {
            if (!kept || forgotten) {
                return CompletableFuture.completedStage(null);
            }
            if (saving != null) {
                if (next == null) {
                    next = new CompletableFuture<>();
                }
                return next;
            }
            mine = new CompletableFuture<>();
            saving = mine;
        }
        start(mine);
        return mine;
    }

    private void start(CompletableFuture<Void> mine) {
        long number;
        synchronized (this) {
            number = ++taken;
        }
        GroupState now = state.get();
        store.save(name, key, now).whenComplete((done, failure) -> {
            CompletableFuture<Void> following;
            synchronized (this) {
                if (failure == null) {
                    saved = now.place();
                    durable = number;
                }
                following = next;
                saving = following;
                next = null;
            }
            if (following != null) {
                start(following);
            }
            if (failure == null) {
                mine.complete(null);
            } else {
                mine.completeExceptionally(failure);
            }
        });
    }

    /** Something is over that need not be kept at once. */
    void soon() {
        synchronized (this) {
            if (!kept || forgotten || planned) {
                return;
            }
            planned = true;
        }
        later.accept(() -> {
            synchronized (this) {
                planned = false;
            }
            save();
        });
    }

    /** The group has come to a place; called often. */
    void moved(Cursor now) {
        Cursor at = place();
        if (at != null && now.position() > at.position() + WORTH_SAVING) {
            soon();
        }
    }

    /** The group is over. */
    void forget() {
        CompletableFuture<Void> underWay;
        CompletableFuture<Void> waiting;
        synchronized (this) {
            if (!kept || forgotten) {
                return;
            }
            forgotten = true;
            saved = null;
            underWay = saving;
            waiting = next;
            next = null;
        }
        if (waiting != null) {
            waiting.complete(null);
        }
        // Behind what is under way, so that the last word is that it is gone.
        if (underWay == null) {
            store.remove(name);
        } else {
            underWay.whenComplete((done, failure) -> store.remove(name));
        }
    }
}
