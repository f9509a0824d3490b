package org.millrace.plugin.mqtt.session;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.SharedGroups;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Cursor;

/**
 * Who holds which client id. Each client id is a queue of claims of which the last is the holder: a new claim asks the
 * one before it to let go and waits for its state, so that take-overs by any number of connections on any event loops
 * happen one after another. A session that outlives its connection is in the store too, and there again after a restart.
 * Safe for use by any thread; never blocks, but for {@link #stop}.
 */
public final class Sessions {
    private final PluginContext context;
    private final SharedGroups shares;
    private final int maxDetached;
    private final SessionStore store;
    private final SessionKeeping keeping;
    private final Wills wills;
    private final DormantSessions dormant;
    private final SessionCopies copies;
    private final SessionMoves moves;
    private final ConcurrentHashMap<String, Claim> claims = new ConcurrentHashMap<>();
    private final AtomicInteger detached = new AtomicInteger();
    private final AtomicLong expired = new AtomicLong();
    private volatile boolean stopped;

    /**
     * Makes an empty registry.
     *
     * @param context publishes wills, keeps time and sessions
     * @param shares told of what becomes of their members' sessions
     * @param maxDetached how many sessions may wait for their clients
     * @param maxLag how many changes a session may be behind before the journal is no longer kept for it
     */
    public Sessions(PluginContext context, SharedGroups shares, int maxDetached, long maxLag) {
        this.context = context;
        this.shares = shares;
        this.maxDetached = maxDetached;
        this.store = new SessionStore(context);
        SessionCodec codec = new SessionCodec(context.contents());
        this.copies = new SessionCopies(context, store);
        this.keeping = new SessionKeeping(context, store, codec, shares, copies, () -> stopped);
        this.moves = new SessionMoves(context, store, codec, keeping, copies);
        this.wills = new Wills(context);
        this.dormant = new DormantSessions(context, store, codec, new Sleep(), maxLag);
    }

    /** Told that another connection claims the client id; lets go by {@link Claim#release}. Any thread may call. */
    @FunctionalInterface
    public interface Holder {
        /** Ends the connection with "session taken over". */
        void takenOver();
    }

    private static final Holder NOBODY = () -> {};

    /** One connection's hold on a client id. */
    public final class Claim {
        private final String clientId;
        private volatile Holder holder;
        private final CompletableFuture<Optional<SessionState>> released = new CompletableFuture<>();
        private CompletionStage<Optional<SessionState>> previous = CompletableFuture.completedStage(Optional.empty());
        private volatile @Nullable KeptSession kept;
        private volatile @Nullable Cursor left;
        // Written before released completes, read after.
        private boolean waiting;
        /** Whether it is another node's, which asks for the session. */
        private boolean foreign;

        private final List<ScheduledFuture<?>> timers = new ArrayList<>(2);

        private Claim(String clientId, Holder holder) {
            this.clientId = clientId;
            this.holder = holder;
        }

        /**
         * What the holder before left.
         *
         * @return the session to go on with, if there is one; completes on any thread
         */
        public CompletionStage<Optional<SessionState>> previous() {
            return previous;
        }

        /**
         * Begins to keep a session that outlives its connection.
         *
         * @param identity whose it is
         * @param via where the client comes from
         * @param expirySeconds how long the session outlives the connection
         * @param will what is to be published if the connection, or the server, ends without a good-bye
         * @param resumed the session that goes on; empty for a new one
         * @param loop the connection's event loop
         * @return the durable side of the session
         */
        public KeptSession keep(
                Identity identity,
                ConnectionInfo via,
                long expirySeconds,
                @Nullable Will will,
                Optional<SessionState> resumed,
                Executor loop) {
            KeptSession session = keeping.begin(clientId, identity, via, expirySeconds, will, resumed, loop);
            kept = session;
            return session;
        }

        /**
         * Lets go, once.
         *
         * @param state what is left of the connection; empty if there never was a session
         */
        public void release(Optional<SessionState> state) {
            if (state.isEmpty()) {
                letGo(state);
                return;
            }
            SessionState over = state.get();
            if (over.endsWithConnection() || waiting() >= maxDetached) {
                endAndLetGo(over);
                return;
            }
            keeping.save(clientId, over, context.clock().millis()).thenRun(() -> copies.changed(clientId));
            waitForClient(over);
            released.complete(state);
        }

        /** Ends the session; who comes next comes when that is durable, so that it does not find the session. */
        private void endAndLetGo(SessionState over) {
            end(over).whenComplete((done, failure) -> letGo(Optional.empty()));
        }

        private void letGo(Optional<SessionState> state) {
            claims.remove(clientId, this);
            released.complete(state);
        }

        private void waitForClient(SessionState over) {
            detached.incrementAndGet();
            waiting = true;
            left = over.flight().earliest();
            kept = null;
            holder = NOBODY; // lest the session, while it waits, keeps its connection in memory
            previous = CompletableFuture.completedStage(Optional.empty());
            scheduleWill(over);
            if (over.expirySeconds() < SessionState.FOREVER) {
                timers.add(context.scheduler().schedule(() -> expire(over), over.expirySeconds(), TimeUnit.SECONDS));
            }
        }

        private void scheduleWill(SessionState over) {
            Will will = over.will().get();
            if (will == null) {
                return;
            }
            if (will.delaySeconds() == 0) {
                wills.publish(over);
            } else if (will.delaySeconds() < over.expirySeconds()) {
                timers.add(
                        context.scheduler().schedule(() -> wills.publish(over), will.delaySeconds(), TimeUnit.SECONDS));
            }
        }

        private void expire(SessionState over) {
            Claim ending = new Claim(clientId, () -> {});
            if (!stopped && claims.replace(clientId, this, ending)) {
                detached.decrementAndGet();
                expired.incrementAndGet();
                ending.endAndLetGo(over);
            }
        }

        @Nullable
        Cursor earliest() {
            KeptSession session = kept;
            return session == null ? left : session.earliest();
        }
    }

    /**
     * Claims a client id.
     *
     * @param clientId whose
     * @param holder told when another claim comes
     * @return the claim, to be released exactly once
     */
    public Claim claim(String clientId, Holder holder) {
        Claim mine = new Claim(clientId, holder);
        @Nullable Claim before = claims.put(clientId, mine);
        if (before == null) {
            mine.previous = fetch(clientId);
        } else if (before.foreign) {
            // It has gone to another node, and comes back from there.
            mine.previous = before.released.thenCompose(none -> fetch(clientId));
        } else {
            mine.previous = takeOver(before);
        }
        return mine;
    }

    private CompletionStage<Optional<SessionState>> takeOver(Claim before) {
        CompletionStage<Optional<SessionState>> left = before.released.thenApply(state -> {
            if (before.waiting) {
                detached.decrementAndGet();
                before.timers.forEach(timer -> timer.cancel(false));
            }
            return state;
        });
        before.holder.takenOver();
        return left;
    }

    /** What another node has of a client, or else this one's store. */
    private CompletionStage<Optional<SessionState>> fetch(String clientId) {
        return moves.isOn()
                ? moves.fetch(clientId)
                        .exceptionally(failure -> {
                            keeping.note("take over the session", CompletableFuture.failedStage(failure));
                            return Optional.empty();
                        })
                        .thenCompose(
                                state -> state.isPresent() ? CompletableFuture.completedStage(state) : wake(clientId))
                : wake(clientId);
    }

    /** Another node claims a client id: its connection here ends, and its session goes there. */
    private CompletionStage<Boolean> letGo(String clientId) {
        Claim theirs = new Claim(clientId, NOBODY);
        theirs.foreign = true;
        @Nullable Claim before = claims.put(clientId, theirs);
        CompletionStage<Optional<SessionState>> left =
                before == null ? CompletableFuture.completedStage(Optional.empty()) : takeOver(before);
        CompletionStage<Boolean> given = left.thenComposeAsync(
                state -> moves.give(clientId, state).thenApply(had -> {
                    state.ifPresent(over -> shares.ended(over.generation(), over.orphans()));
                    return had || before != null;
                }),
                context.executor());
        return given.whenComplete((had, failure) -> theirs.letGo(Optional.empty()));
    }

    /**
     * A session is over: its will, if it still has one, is published, and what is kept of it is removed.
     *
     * @param state of no more use
     * @return completes when a restart will not find the session
     */
    public CompletionStage<Void> end(SessionState state) {
        CompletionStage<Void> published = wills.publish(state);
        String generation = state.generation();
        if (generation.isEmpty()) {
            return CompletableFuture.completedStage(null);
        }
        shares.ended(generation, state.orphans());
        CompletionStage<Void> removed =
                store.remove(SessionStore.header(state.via().clientId()));
        keeping.note("remove the session", removed);
        keeping.note("remove the copy", copies.remove(state.via().clientId()));
        published.thenRunAsync(
                () -> {
                    if (!stopped) {
                        store.removeParts(generation);
                    }
                },
                context.executor());
        return removed;
    }

    /** What an earlier run of the server has kept for a client. */
    private CompletionStage<Optional<SessionState>> wake(String clientId) {
        if (dormant.isNone() && !moves.isOn()) {
            return CompletableFuture.completedStage(Optional.empty());
        }
        // The disk may have to be waited for, so not on the connection's event loop; and all of it in one task, since
        // what is composed with a stage that has ended runs where it is composed.
        return CompletableFuture.supplyAsync(
                        () -> dormant.find(clientId)
                                .map(this::wake)
                                .orElseGet(() -> CompletableFuture.completedStage(Optional.empty())),
                        context.executor())
                .thenCompose(state -> state)
                .exceptionally(failure -> {
                    keeping.note("go on with the session", CompletableFuture.failedStage(failure));
                    return Optional.empty();
                });
    }

    private CompletionStage<Optional<SessionState>> wake(SessionHeader header) {
        dormant.woke();
        Optional<SessionState> state = dormant.read(header);
        return state.isEmpty() ? CompletableFuture.completedStage(state) : wake(header, state.get());
    }

    /** Does what is due first. */
    private CompletionStage<Optional<SessionState>> wake(SessionHeader header, SessionState state) {
        SessionHeader.Away away = header.away();
        if (away == null || !wills.isDue(away.leftMillis(), state)) {
            return CompletableFuture.completedStage(Optional.of(state));
        }
        return wills.isExpired(away.leftMillis(), state)
                ? end(state).thenApply(done -> Optional.empty())
                : wills.publish(state).thenApply(done -> Optional.of(state));
    }

    /** Looks after the sessions that sleep. */
    private final class Sleep implements DormantSessions.Owner {
        @Override
        public boolean isAwake(String clientId) {
            return claims.containsKey(clientId);
        }

        @Override
        public CompletionStage<Optional<Cursor>> settle(String clientId) {
            Claim claim = new Claim(clientId, () -> {});
            if (claims.putIfAbsent(clientId, claim) != null) {
                return CompletableFuture.completedStage(Optional.empty());
            }
            if (moves.isElsewhere(clientId)) {
                return moves.forget(clientId).handle((done, failure) -> {
                    claim.letGo(Optional.empty());
                    return Optional.empty();
                });
            }
            Optional<SessionHeader> header = dormant.find(clientId);
            Optional<SessionState> state = header.flatMap(dormant::read);
            if (header.isEmpty() || state.isEmpty()) {
                claim.letGo(Optional.empty());
                return CompletableFuture.completedStage(Optional.empty());
            }
            SessionHeader.Away away = header.get().away();
            return settle(claim, state.get(), away == null ? context.clock().millis() : away.leftMillis());
        }

        private CompletionStage<Optional<Cursor>> settle(Claim claim, SessionState state, long leftMillis) {
            if (wills.isExpired(leftMillis, state)) {
                expired.incrementAndGet();
                return end(state).handle((done, failure) -> {
                    claim.letGo(Optional.empty());
                    return Optional.empty();
                });
            }
            CompletionStage<Void> will =
                    wills.isDue(leftMillis, state) ? wills.publish(state) : CompletableFuture.completedStage(null);
            return will.thenCompose(done -> keeping.save(claim.clientId, state, leftMillis))
                    .handle((done, failure) -> {
                        claim.letGo(Optional.of(state));
                        return Optional.ofNullable(state.flight().earliest());
                    });
        }

        @Override
        public void retain(Predicate<String> known) {
            shares.retain(known);
        }
    }

    /**
     * How many sessions there are, with and without a connection.
     *
     * @return a count that other threads may be altering
     */
    public int count() {
        return claims.size() + dormant.count();
    }

    /**
     * How many sessions wait for their clients.
     *
     * @return a count that other threads may be altering
     */
    public int waiting() {
        return detached.get() + dormant.count();
    }

    /**
     * How many sessions have waited for their clients in vain, since the start.
     *
     * @return a count that other threads may be altering
     */
    public long expired() {
        return expired.get();
    }

    /**
     * Takes up what an earlier run of the server has kept, in the background.
     *
     * @param known runs when the places of all of it are known for the first time
     */
    public void start(Runnable known) {
        dormant.start(known);
        var _ = context.cluster().onClaim(this::letGo);
    }

    /** Adds how far the sessions are in the change stream: of each the earliest change it may need. */
    void addTo(JournalPlaces places) {
        dormant.addTo(places);
        for (Claim claim : claims.values()) {
            Cursor earliest = claim.earliest();
            if (earliest != null) {
                places.add(earliest);
            }
        }
    }

    /**
     * Waits until what was left by connections is on disk. Nothing expires any more.
     *
     * @param seconds how long
     */
    public void stop(long seconds) {
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
