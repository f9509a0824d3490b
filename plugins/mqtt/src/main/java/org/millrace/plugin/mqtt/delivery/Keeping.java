package org.millrace.plugin.mqtt.delivery;

import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.ResourceException;

/**
 * Decides when a session's progress is kept. Before a QoS 2 message or its PUBREL may leave, at once, in groups: while
 * one state is being made durable the next gathers. After acknowledgements within a second, since what a crash makes
 * them forget is sent again, as QoS 1 allows. Used by the connection's event loop only.
 */
final class Keeping {
    private static final long SOON_MILLIS = 1_000;
    /** So that the place of a client that receives nothing does not keep the journal from being cut. */
    private static final long REFRESH_MILLIS = 300_000;

    private final Flusher flusher;
    private final @Nullable Progress progress;
    private final Supplier<Flight> state;
    private final Consumer<Outgoing> kept;
    private final Consumer<ResourceException> failed;
    private final ArrayDeque<Outgoing> strict = new ArrayDeque<>(0);
    private List<Runnable> afterNext = List.of();
    private boolean saving;
    private boolean planned;
    private boolean dirty;
    private boolean closed;

    /** Cancelled at the end, for else it would keep all that belongs to the connection. */
    private @Nullable Future<?> refreshing;

    Keeping(
            Flusher flusher,
            @Nullable Progress progress,
            Supplier<Flight> state,
            Consumer<Outgoing> kept,
            Consumer<ResourceException> failed) {
        this.flusher = flusher;
        this.progress = progress;
        this.state = state;
        this.kept = kept;
        this.failed = failed;
        if (progress != null) {
            refreshing = flusher.later(this::refresh, REFRESH_MILLIS);
        }
    }

    private void refresh() {
        if (!closed) {
            soon();
            refreshing = flusher.later(this::refresh, REFRESH_MILLIS);
        }
    }

    /** A QoS 2 message is to be sent. */
    void publish(Outgoing message) {
        strict.add(message);
        startSoon();
    }

    /** A PUBREL is to be sent. */
    void release(Outgoing message) {
        strict.add(message);
        startSoon();
    }

    private void startSoon() {
        if (!saving && !planned) {
            planned = true;
            var _ = flusher.later(
                    () -> {
                        planned = false;
                        start();
                    },
                    0);
        }
    }

    /** Something is over that need not be kept at once. */
    void soon() {
        if (progress != null && !dirty && !closed) {
            dirty = true;
            plan();
        }
    }

    /** Runs an act once the state of now is kept; at once if nothing is ever kept. */
    void afterNext(Runnable act) {
        if (progress == null) {
            act.run();
            return;
        }
        List<Runnable> acts = new ArrayList<>(afterNext);
        acts.add(act);
        afterNext = acts;
        soon();
    }

    private void plan() {
        var _ = flusher.later(
                () -> {
                    if (dirty && !closed) {
                        if (saving) {
                            plan(); // a slow disk; what is dirty now may not be in what is being saved
                        } else {
                            save();
                        }
                    }
                },
                SOON_MILLIS);
    }

    /** Begins to keep what must be, if that is not under way: at the end of a run of reads or deliveries. */
    void start() {
        if (!saving && !closed && !strict.isEmpty()) {
            save();
        }
    }

    private void save() {
        Progress to = progress;
        if (to == null) {
            return;
        }
        saving = true;
        dirty = false;
        int count = strict.size();
        List<Runnable> then = afterNext;
        afterNext = List.of();
        Flight flight = state.get();
        CompletionStage<Void> reserved = reserve();
        if (reserved == null) {
            remember(to, flight, count).whenComplete((done, failure) -> saved(count, then, failure));
        } else {
            // Not once the connection is over: what it has left by then is kept, and newer.
            reserved.thenComposeAsync(
                            done -> closed ? CompletableFuture.completedStage(null) : remember(to, flight, count),
                            flusher.executor())
                    .whenCompleteAsync((done, failure) -> saved(count, then, failure), flusher.executor());
        }
    }

    private CompletionStage<Void> remember(Progress to, Flight flight, int count) {
        strict.stream().limit(count).forEach(message -> message.bound = true);
        return to.save(flight);
    }

    /** Before a session remembers a QoS 2 message of a shared subscription, no other member may be given it. */
    private @Nullable CompletionStage<Void> reserve() {
        CompletionStage<Void> all = null;
        Set<MqttSubscription> asked = new HashSet<>(0);
        for (Outgoing message : strict) {
            MqttSubscription owner = message.owner;
            if (owner != null && owner.isShared() && message.stage == Exchange.Stage.SENT && asked.add(owner)) {
                CompletionStage<Void> one = owner.share().keepReserved();
                all = all == null || one == null ? one : all.thenCombine(one, (a, b) -> a);
            }
        }
        return all;
    }

    private void saved(int count, List<Runnable> then, @Nullable Throwable failure) {
        saving = false;
        if (closed) {
            return;
        }
        if (failure != null) {
            failed.accept(ResourceException.from(failure));
            return;
        }
        for (int i = 0; i < count && !strict.isEmpty(); i++) {
            kept.accept(strict.remove());
        }
        then.forEach(Runnable::run);
        start();
        flusher.flush();
    }

    /** Nothing is to be sent any more of what was to be kept before. */
    void forget() {
        strict.clear();
    }

    void close() {
        closed = true;
        strict.clear();
        if (refreshing != null) {
            refreshing.cancel(false);
        }
    }
}
