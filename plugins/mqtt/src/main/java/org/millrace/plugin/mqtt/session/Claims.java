package org.millrace.plugin.mqtt.session;

import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.SharedGroups;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Cursor;

/**
 * The last claim of each client id, and where a session comes from when a new one is made: from the claim before, from
 * another node, or from disk. Safe for use by any thread; never blocks, but for {@link #stop} and {@link #sweep}.
 */
final class Claims {
    private final PluginContext context;
    private final SharedGroups shares;
    private final int maxDetached;
    private final SessionStore store;
    private final SessionKeeping keeping;
    private final SessionEnding ending;
    private final DormantSessions dormant;
    private final Departures departures;
    private final Rousing rousing;
    private final SessionCopies copies;
    private final SessionMoves moves;
    private final ConcurrentHashMap<String, HeldClaim> byClient = new ConcurrentHashMap<>();
    private final AtomicInteger detached = new AtomicInteger();
    private volatile boolean stopped;

    /** Makes an empty registry; see {@link Sessions}. */
    Claims(PluginContext context, SharedGroups shares, int maxDetached, long maxLag) {
        this.context = context;
        this.shares = shares;
        this.maxDetached = maxDetached;
        this.store = new SessionStore(context);
        WillCodec codec = new WillCodec(context.contents());
        Wills wills = new Wills(context, store);
        this.copies = new SessionCopies(context, store);
        this.keeping = new SessionKeeping(context, store, shares, copies, () -> stopped);
        this.moves = new SessionMoves(context, store, codec, keeping, copies);
        this.ending = new SessionEnding(context, store, shares, copies, keeping, wills, () -> stopped);
        this.dormant = new DormantSessions(context, store, codec, new Sleep(), maxLag);
        this.departures = new Departures(context, keeping, copies, wills, dormant);
        this.rousing = new Rousing(context, dormant, keeping, wills, ending::end);
    }

    /** See {@link Sessions#claim}. */
    HeldClaim claim(String clientId, Sessions.Holder holder) {
        HeldClaim mine = new HeldClaim(this, clientId, holder, false);
        HeldClaim before = replace(mine);
        if (before == null) {
            mine.previous(fetch(mine));
        } else if (before.isForeign()) {
            // It has gone to another node, and comes back from there.
            mine.previous(before.released().thenCompose(none -> fetch(mine)));
        } else {
            mine.previous(takeOver(before, mine));
        }
        return mine;
    }

    /** Puts a claim behind the one that holds the client id; null if there is none. */
    private @Nullable HeldClaim replace(HeldClaim mine) {
        AtomicReference<@Nullable HeldClaim> replaced = new AtomicReference<>();
        byClient.compute(mine.clientId(), (id, holding) -> {
            replaced.set(holding);
            mine.follow(holding);
            return mine;
        });
        return replaced.get();
    }

    private CompletionStage<Optional<SessionState>> takeOver(HeldClaim before, HeldClaim mine) {
        CompletionStage<Optional<SessionState>> left = before.released().thenApply(state -> {
            Departures.Waiting wait = before.waiting();
            if (wait != null) {
                detached.decrementAndGet();
                wait.stopAlarm();
            }
            mine.place(state.map(s -> s.flight().earliest()).orElse(null));
            return state;
        });
        before.takenOver();
        return left;
    }

    /** What another node has of a client, or else this one's store. */
    private CompletionStage<Optional<SessionState>> fetch(HeldClaim mine) {
        return moves.isOn()
                ? moves.fetch(mine.clientId(), () -> rouse(mine))
                        .exceptionally(failure -> {
                            keeping.note("take over the session", CompletableFuture.failedStage(failure));
                            return Optional.empty();
                        })
                        .thenCompose(state -> state.isPresent() ? CompletableFuture.completedStage(state) : wake(mine))
                : wake(mine);
    }

    /** Another node claims a client id: its connection here ends, and its session goes there. */
    private CompletionStage<Boolean> letGo(String clientId) {
        HeldClaim theirs = new HeldClaim(this, clientId, HeldClaim.NOBODY, true);
        HeldClaim before = replace(theirs);
        CompletionStage<Optional<SessionState>> left = before == null
                ? CompletableFuture.runAsync(() -> rouse(theirs), context.executor())
                        .thenApply(roused -> Optional.empty())
                : takeOver(before, theirs);
        CompletionStage<Boolean> given = left.thenComposeAsync(
                state -> moves.give(clientId, state).thenApply(had -> {
                    state.ifPresent(over -> shares.ended(over.generation(), over.orphans()));
                    return had || before != null;
                }),
                context.executor());
        return given.whenComplete((had, failure) -> theirs.letGo(Optional.empty()));
    }

    /** A session that may be on disk alone comes or goes: what is there does not sleep any more. May block. */
    private void rouse(HeldClaim claim) {
        dormant.find(claim.clientId()).ifPresentOrElse(header -> dormant.woke(header, claim::awake), claim::awake);
    }

    /** What is on disk for a client. */
    private CompletionStage<Optional<SessionState>> wake(HeldClaim mine) {
        if (dormant.isNone() && !moves.isOn()) {
            mine.awake();
            return CompletableFuture.completedStage(Optional.empty());
        }
        // The disk may have to be waited for, so not on the connection's event loop.
        return CompletableFuture.supplyAsync(
                        () -> rousing.forClient(mine.clientId(), mine::awake, mine::place), context.executor())
                .thenCompose(state -> state)
                .exceptionally(failure -> {
                    mine.awake();
                    keeping.note("go on with the session", CompletableFuture.failedStage(failure));
                    return Optional.empty();
                });
    }

    // What claims do.

    KeptSession keep(
            String clientId,
            Identity identity,
            ConnectionInfo via,
            long expirySeconds,
            @Nullable Will will,
            Optional<SessionState> resumed,
            Executor loop) {
        return keeping.begin(clientId, identity, via, expirySeconds, will, resumed, loop);
    }

    /** Whether no more sessions may wait. */
    boolean isFull() {
        return waiting() >= maxDetached;
    }

    /** A session begins to wait behind its claim. */
    Departures.Waiting waits(SessionState over, HeldClaim claim) {
        detached.incrementAndGet();
        return departures.new Waiting(over, claim);
    }

    boolean isLast(HeldClaim claim) {
        return byClient.get(claim.clientId()) == claim;
    }

    void remove(HeldClaim claim) {
        byClient.remove(claim.clientId(), claim);
    }

    /** The session that waits behind a claim is on disk alone, unless there is a later claim. */
    boolean fallAsleep(HeldClaim claim) {
        boolean last = byClient.remove(claim.clientId(), claim);
        if (last) {
            detached.decrementAndGet();
        }
        return last;
    }

    /** The session that waits behind a claim is over, unless there is a later claim. */
    CompletionStage<?> expire(HeldClaim claim, SessionState over) {
        HeldClaim last = new HeldClaim(this, claim.clientId(), HeldClaim.NOBODY, false);
        if (stopped || !byClient.replace(claim.clientId(), claim, last)) {
            return CompletableFuture.completedStage(null);
        }
        detached.decrementAndGet();
        rousing.countExpired();
        return last.endAndLetGo(over);
    }

    /** See {@link Sessions#end}. */
    CompletionStage<Void> end(SessionState state) {
        return ending.end(state);
    }

    /** Looks after the sessions that sleep. */
    private final class Sleep implements DormantSessions.Owner {
        @Override
        public boolean isAwake(String clientId) {
            HeldClaim claim = byClient.get(clientId);
            return claim != null && claim.isAwake();
        }

        @Override
        public CompletionStage<?> settle(String clientId) {
            HeldClaim claim = new HeldClaim(Claims.this, clientId, HeldClaim.NOBODY, false);
            claim.follow(null);
            HeldClaim present = byClient.putIfAbsent(clientId, claim);
            if (present != null) {
                return present.settle();
            }
            detached.incrementAndGet(); // it waits while this goes on, too
            return CompletableFuture.completedStage(claim)
                    .thenCompose(mine -> moves.isElsewhere(clientId)
                            ? forget(mine)
                            : rousing.settle(clientId, mine::awake, mine::place, () -> byClient.remove(clientId, mine)))
                    .handle((state, failure) -> {
                        detached.decrementAndGet();
                        claim.letGo(state == null ? Optional.empty() : state);
                        return state;
                    });
        }

        /** Another node has the session. */
        private CompletionStage<Optional<SessionState>> forget(HeldClaim claim) {
            rouse(claim);
            return moves.forget(claim.clientId()).thenApply(done -> Optional.empty());
        }

        @Override
        public void retain(Predicate<String> known) {
            shares.retain(known);
        }
    }

    // What is known of all of them.

    int count() {
        return byClient.size() + dormant.count();
    }

    int waiting() {
        return detached.get() + dormant.count();
    }

    long expired() {
        return rousing.expired();
    }

    /** How many are in memory, connected or not. */
    int inMemory() {
        return byClient.size();
    }

    /** How many sessions on disk alone have something due before long. */
    int alarms() {
        return dormant.alarms();
    }

    void addTo(JournalPlaces places) {
        for (HeldClaim claim : byClient.values()) {
            Cursor earliest = claim.earliest();
            if (earliest != null) {
                places.add(earliest);
            }
        }
        dormant.addTo(places); // after those in memory, for they fall asleep there before they leave here
    }

    void start(Runnable known) {
        dormant.start(known);
        var _ = context.cluster().onClaim(this::letGo);
    }

    void sweep() {
        dormant.sweep();
    }

    /** See {@link Sessions#stop}. */
    void stop(long seconds) {
        stopped = true;
        dormant.stop();
        try {
            shares.save().toCompletableFuture().get(seconds, TimeUnit.SECONDS);
            copies.flush().toCompletableFuture().get(seconds, TimeUnit.SECONDS);
            // The host does a plugin's writes in their order.
            store.remove("stopped").toCompletableFuture().get(seconds, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            context.log().log(Level.WARNING, "the last mqtt sessions may not be on disk; they are as before", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
