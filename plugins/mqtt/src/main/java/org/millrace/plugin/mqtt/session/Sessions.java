package org.millrace.plugin.mqtt.session;

import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
 * Who holds which client id. Each client id is a queue of claims of which the last is the holder: a new claim asks the
 * one before it to let go and waits for its state, so that take-overs by any number of connections on any event loops
 * happen one after another. A session that waits for its client is in memory until it is durable, and then on disk alone
 * ({@link DormantSessions}). Safe for use by any thread; never blocks, but for {@link #stop}.
 */
public final class Sessions {
    private final PluginContext context;
    private final SharedGroups shares;
    private final int maxDetached;
    private final SessionStore store;
    private final SessionKeeping keeping;
    private final Wills wills;
    private final DormantSessions dormant;
    private final Rousing rousing;
    private final SessionCopies copies;
    private final SessionMoves moves;
    private final ConcurrentHashMap<String, Claim> claims = new ConcurrentHashMap<>();
    private final AtomicInteger detached = new AtomicInteger();
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
        WillCodec codec = new WillCodec(context.contents());
        this.copies = new SessionCopies(context, store);
        this.keeping = new SessionKeeping(context, store, shares, copies, () -> stopped);
        this.moves = new SessionMoves(context, store, codec, keeping, copies);
        this.wills = new Wills(context);
        this.dormant = new DormantSessions(context, store, codec, new Sleep(), maxLag);
        this.rousing = new Rousing(context, dormant, keeping, wills, this::end);
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
        /**
         * Whether it is not known yet if there is a session on disk, for nobody held the client id before: one answer for
         * all who have taken over since the one who looks for it.
         */
        private AtomicBoolean mayBeAsleep = new AtomicBoolean();

        // Written before released completes, read after.
        private boolean waiting;
        /** Whether it is another node's, which asks for the session. */
        private boolean foreign;

        private long leftMillis;
        private long alarmMillis = Long.MAX_VALUE;

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
            waitForClient(over);
        }

        /** Ends the session; who comes next comes when that is durable, so that it does not find the session. */
        private CompletionStage<?> endAndLetGo(SessionState over) {
            return end(over).whenComplete((done, failure) -> letGo(Optional.empty()));
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
            leftMillis = context.clock().millis();
            SessionHeader header = SessionKeeping.header(over, leftMillis);
            // Before another connection can have it, whose writes must come later.
            CompletionStage<Void> saved = over.generation().isEmpty()
                    ? CompletableFuture.failedStage(new IllegalStateException("the session is not kept"))
                    : keeping.save(header, over).thenRun(() -> copies.changed(clientId));
            Will will = over.will().get();
            CompletionStage<Void> published = will != null && will.delaySeconds() == 0
                    ? wills.publish(over)
                    : CompletableFuture.completedStage(null);
            // Not before it is written that there is no will any more, or that would undo the will of the next
            // connection.
            CompletionStage<Void> handed = published.thenRun(() -> released.complete(Optional.of(over)));
            saved.thenCombine(handed, (a, b) -> a).whenComplete((done, failure) -> {
                if (failure == null) {
                    fallAsleep(header);
                } else {
                    stayInMemory(header);
                }
            });
        }

        private void fallAsleep(SessionHeader header) {
            if (dormant.fallAsleep(header, () -> claims.remove(clientId, this))) {
                detached.decrementAndGet();
            }
        }

        /** The session is not on disk. */
        private void stayInMemory(SessionHeader header) {
            setAlarm(header.dueMillis());
            if (claims.get(clientId) != this) {
                stopAlarm();
            }
        }

        private synchronized void setAlarm(long dueMillis) {
            alarmMillis = dueMillis;
            dormant.setAlarm(clientId, dueMillis);
        }

        private synchronized void stopAlarm() {
            dormant.removeAlarm(clientId, alarmMillis);
        }

        /** Its time has come, or its will's. */
        private CompletionStage<?> settleInMemory() {
            SessionState over = released.getNow(Optional.empty()).orElse(null);
            if (over == null || !waiting) {
                return CompletableFuture.completedStage(null); // a client has it
            }
            if (!wills.isExpired(leftMillis, over)) {
                return wills.publish(over).thenRun(() -> stayInMemory(SessionKeeping.header(over, leftMillis)));
            }
            Claim ending = new Claim(clientId, NOBODY);
            if (stopped || !claims.replace(clientId, this, ending)) {
                return CompletableFuture.completedStage(null);
            }
            detached.decrementAndGet();
            rousing.countExpired();
            return ending.endAndLetGo(over);
        }

        private void awake() {
            mayBeAsleep.set(false);
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
        Claim before = replace(mine);
        if (before == null) {
            mine.previous = fetch(mine);
        } else if (before.foreign) {
            // It has gone to another node, and comes back from there.
            mine.previous = before.released.thenCompose(none -> fetch(mine));
        } else {
            mine.previous = takeOver(before, mine);
        }
        return mine;
    }

    /** Puts a claim behind the one that holds the client id; null if there is none. */
    private @Nullable Claim replace(Claim mine) {
        AtomicReference<@Nullable Claim> replaced = new AtomicReference<>();
        claims.compute(mine.clientId, (id, holding) -> {
            replaced.set(holding);
            if (holding == null) {
                mine.mayBeAsleep.set(true);
            } else {
                mine.mayBeAsleep = holding.mayBeAsleep;
                mine.left = holding.earliest(); // at no time does nobody know the session's place
            }
            return mine;
        });
        return replaced.get();
    }

    private CompletionStage<Optional<SessionState>> takeOver(Claim before, Claim mine) {
        CompletionStage<Optional<SessionState>> left = before.released.thenApply(state -> {
            if (before.waiting) {
                detached.decrementAndGet();
                before.stopAlarm();
            }
            mine.left = state.map(s -> s.flight().earliest()).orElse(null);
            return state;
        });
        before.holder.takenOver();
        return left;
    }

    /** What another node has of a client, or else this one's store. */
    private CompletionStage<Optional<SessionState>> fetch(Claim mine) {
        return moves.isOn()
                ? moves.fetch(mine.clientId, () -> rouse(mine))
                        .exceptionally(failure -> {
                            keeping.note("take over the session", CompletableFuture.failedStage(failure));
                            return Optional.empty();
                        })
                        .thenCompose(state -> state.isPresent() ? CompletableFuture.completedStage(state) : wake(mine))
                : wake(mine);
    }

    /** Another node claims a client id: its connection here ends, and its session goes there. */
    private CompletionStage<Boolean> letGo(String clientId) {
        Claim theirs = new Claim(clientId, NOBODY);
        theirs.foreign = true;
        @Nullable Claim before = replace(theirs);
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
    private void rouse(Claim claim) {
        dormant.find(claim.clientId).ifPresentOrElse(header -> dormant.woke(header, claim::awake), claim::awake);
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
        String clientId = state.via().clientId();
        // Its groups first, for only the session knows what it was sent of what is reserved to it.
        CompletionStage<Void> removed = shares.ended(generation, state.orphans())
                .handle((left, failure) -> clientId)
                .thenCompose(id -> store.remove(SessionStore.header(id)));
        keeping.note("remove the session", removed);
        keeping.note("remove the copy", copies.remove(clientId));
        published.thenRunAsync(
                () -> {
                    if (!stopped) {
                        store.removeParts(generation);
                    }
                },
                context.executor());
        return removed;
    }

    /** What is on disk for a client. */
    private CompletionStage<Optional<SessionState>> wake(Claim mine) {
        if (dormant.isNone() && !moves.isOn()) {
            mine.awake();
            return CompletableFuture.completedStage(Optional.empty());
        }
        // The disk may have to be waited for, so not on the connection's event loop.
        return CompletableFuture.supplyAsync(
                        () -> rousing.forClient(mine.clientId, mine::awake, place -> mine.left = place),
                        context.executor())
                .thenCompose(state -> state)
                .exceptionally(failure -> {
                    mine.awake();
                    keeping.note("go on with the session", CompletableFuture.failedStage(failure));
                    return Optional.empty();
                });
    }

    /** Looks after the sessions that sleep. */
    private final class Sleep implements DormantSessions.Owner {
        @Override
        public boolean isAwake(String clientId) {
            Claim claim = claims.get(clientId);
            return claim != null && !claim.mayBeAsleep.get();
        }

        @Override
        public CompletionStage<?> settle(String clientId) {
            Claim claim = new Claim(clientId, NOBODY);
            claim.mayBeAsleep.set(true);
            Claim present = claims.putIfAbsent(clientId, claim);
            if (present != null) {
                return present.settleInMemory();
            }
            detached.incrementAndGet(); // it waits while this goes on, too
            return CompletableFuture.completedStage(claim)
                    .thenCompose(mine -> moves.isElsewhere(clientId)
                            ? forget(mine)
                            : rousing.settle(
                                    clientId,
                                    mine::awake,
                                    place -> mine.left = place,
                                    () -> claims.remove(clientId, mine)))
                    .handle((state, failure) -> {
                        detached.decrementAndGet();
                        claim.letGo(state == null ? Optional.empty() : state);
                        return state;
                    });
        }

        /** Another node has the session. */
        private CompletionStage<Optional<SessionState>> forget(Claim claim) {
            rouse(claim);
            return moves.forget(claim.clientId).thenApply(done -> Optional.empty());
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
        return rousing.expired();
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

    /** How many are in memory, connected or not. */
    int inMemory() {
        return claims.size();
    }

    /** How many sessions on disk alone have something due before long. */
    int alarms() {
        return dormant.alarms();
    }

    /** Goes through the sessions on disk now, as is done now and then. May block. */
    void sweep() {
        dormant.sweep();
    }

    /** Adds how far the sessions are in the change stream: of each the earliest change it may need. */
    void addTo(JournalPlaces places) {
        for (Claim claim : claims.values()) {
            Cursor earliest = claim.earliest();
            if (earliest != null) {
                places.add(earliest);
            }
        }
        dormant.addTo(places); // after those in memory, for they fall asleep there before they leave here
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
