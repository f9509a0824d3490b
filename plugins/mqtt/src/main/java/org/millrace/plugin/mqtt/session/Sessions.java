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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.SharedGroups;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.plugin.PluginStore;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Resources;

/**
 * Who holds which client id. Each client id is a queue of claims of which the last is the holder: a new claim asks the
 * one before it to let go and waits for its state, so that take-overs by any number of connections on any event loops
 * happen one after another. A session that outlives its connection is in the store too, and there again after a restart.
 * Safe for use by any thread; never blocks, but for {@link #load} and {@link #stop}.
 */
public final class Sessions {
    private static final byte[] NONE = {};

    private final PluginContext context;
    private final SharedGroups shares;
    private final int maxDetached;
    private final SessionStore store;
    private final SessionCodec codec;
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
     */
    public Sessions(PluginContext context, SharedGroups shares, int maxDetached) {
        this.context = context;
        this.shares = shares;
        this.maxDetached = maxDetached;
        this.store = new SessionStore(context);
        this.codec = new SessionCodec(context.contents());
    }

    /** Told that another connection claims the client id; lets go by {@link Claim#release}. Any thread may call. */
    @FunctionalInterface
    public interface Holder {
        /** Ends the connection with "session taken over". */
        void takenOver();
    }

    /** One connection's hold on a client id. */
    public final class Claim {
        private final String clientId;
        private final Holder holder;
        private final CompletableFuture<Optional<SessionState>> released = new CompletableFuture<>();
        private CompletionStage<Optional<SessionState>> previous = CompletableFuture.completedStage(Optional.empty());
        private volatile @Nullable KeptSession kept;
        private volatile @Nullable Cursor left;
        // Written before released completes, read after.
        private boolean waiting;
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
            String generation = resumed.map(SessionState::generation)
                    .filter(g -> !g.isEmpty())
                    .orElseGet(() -> store.newGeneration(context.clock().millis()));
            note(
                    "keep the session",
                    store.put(
                            SessionStore.header(clientId),
                            codec.header(new SessionHeader(generation, identity, via, expirySeconds, 0))));
            if (will != null) {
                note("keep the will", store.put(SessionStore.will(generation), codec.will(will)));
            } else if (resumed.isPresent()) {
                note("drop the will", store.remove(SessionStore.will(generation)));
            }
            Cursor earliest = resumed.map(s -> s.flight().earliest()).orElse(null);
            KeptSession session = new KeptSession(store, codec, generation, loop, earliest);
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
                claims.remove(clientId, this);
                released.complete(state);
                return;
            }
            SessionState over = state.get();
            if (over.endsWithConnection() || detached.get() >= maxDetached) {
                if (!forget(this, over)) {
                    end(over);
                }
                released.complete(Optional.empty());
                return;
            }
            save(over, context.clock().millis());
            waitForClient(over, over.expirySeconds(), 0);
            released.complete(state);
        }

        private void save(SessionState over, long now) {
            if (over.generation().isEmpty()) {
                return;
            }
            String generation = over.generation();
            CompletionStage<Void> flight = store.put(SessionStore.flight(generation), codec.flight(over.flight()));
            note("keep the session", flight);
            flight.thenRun(() -> shares.settled(generation, over.orphans()));
            SessionHeader header =
                    new SessionHeader(generation, over.identity(), over.via(), over.expirySeconds(), now);
            note("keep the session", store.put(SessionStore.header(clientId), codec.header(header)));
            if (over.will().get() == null) {
                note("drop the will", store.remove(SessionStore.will(generation)));
            }
        }

        private void waitForClient(SessionState over, long expirySeconds, long secondsSince) {
            detached.incrementAndGet();
            waiting = true;
            left = over.flight().earliest();
            kept = null;
            scheduleWill(over, secondsSince);
            if (over.expirySeconds() < SessionState.FOREVER) {
                timers.add(context.scheduler().schedule(() -> expire(over), expirySeconds, TimeUnit.SECONDS));
            }
        }

        private void scheduleWill(SessionState over, long secondsSince) {
            Will will = over.will().get();
            if (will == null) {
                return;
            }
            long delay = Math.max(0, will.delaySeconds() - secondsSince);
            if (delay == 0) {
                publishWill(over);
            } else if (will.delaySeconds() < over.expirySeconds()) {
                timers.add(context.scheduler().schedule(() -> publishWill(over), delay, TimeUnit.SECONDS));
            }
        }

        private void expire(SessionState over) {
            if (!stopped && forget(this, over)) {
                detached.decrementAndGet();
                expired.incrementAndGet();
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
        if (before != null) {
            mine.previous = before.released.thenApply(state -> {
                if (before.waiting) {
                    detached.decrementAndGet();
                    before.timers.forEach(timer -> timer.cancel(false));
                }
                return state;
            });
            before.holder.takenOver();
        }
        return mine;
    }

    /**
     * A session is over: its will, if it still has one, is published, and what is kept of it is removed.
     *
     * @param state of no more use
     * @return completes when a restart will not find the session
     */
    public CompletionStage<Void> end(SessionState state) {
        CompletionStage<Void> published = publishWill(state);
        String generation = state.generation();
        if (generation.isEmpty()) {
            return CompletableFuture.completedStage(null);
        }
        shares.ended(generation, state.orphans());
        CompletionStage<Void> removed =
                store.remove(SessionStore.header(state.via().clientId()));
        note("remove the session", removed);
        published.thenRunAsync(
                () -> {
                    if (!stopped) {
                        store.removeParts(generation);
                    }
                },
                context.executor());
        return removed;
    }

    /** Ends a session whose client id nobody has claimed since; false if somebody has. */
    private boolean forget(Claim claim, SessionState state) {
        boolean[] mine = new boolean[1];
        // Within the map, so that the next claim's writes come behind these.
        claims.computeIfPresent(claim.clientId, (id, holder) -> {
            if (holder != claim) {
                return holder;
            }
            mine[0] = true;
            end(state);
            return null;
        });
        return mine[0];
    }

    /**
     * How many sessions there are, with and without a connection.
     *
     * @return a count that other threads may be altering
     */
    public int count() {
        return claims.size();
    }

    /**
     * How many sessions wait for their clients.
     *
     * @return a count that other threads may be altering
     */
    public int waiting() {
        return detached.get();
    }

    /**
     * How many sessions have waited for their clients in vain, since the start.
     *
     * @return a count that other threads may be altering
     */
    public long expired() {
        return expired.get();
    }

    /** Brings back what an earlier run of the server has kept. May block; called once, before there are connections. */
    public void load() {
        long now = context.clock().millis();
        List<StoredSession> stored = StoredSession.readAll(store, codec, this::reportUnreadable);
        for (StoredSession session : stored) {
            SessionState state = session.state();
            long left = session.leftMillis() == 0 ? now : session.leftMillis();
            long since = Math.max(0, (now - left) / 1000);
            Claim claim = new Claim(state.via().clientId(), () -> {});
            claims.put(state.via().clientId(), claim);
            if (session.leftMillis() == 0) {
                claim.save(state, now);
            }
            claim.waitForClient(state, Math.max(0, state.expirySeconds() - since), since);
            claim.released.complete(Optional.of(state));
        }
        if (!stored.isEmpty()) {
            context.log().log(Level.INFO, "{0} mqtt sessions wait for their clients", stored.size());
        }
    }

    private void reportUnreadable(String key, String why) {
        context.log().log(
                Level.WARNING,
                "an mqtt session is lost, for what is kept of it under ''{0}'' cannot be read: {1}",
                key,
                why);
    }

    /**
     * Shows how far the sessions are in the change stream.
     *
     * @param places told of the earliest change each may need, if there is one
     */
    void forEachPlace(Consumer<Cursor> places) {
        for (Claim claim : claims.values()) {
            Cursor earliest = claim.earliest();
            if (earliest != null) {
                places.accept(earliest);
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
        try {
            shares.save().toCompletableFuture().get(seconds, TimeUnit.SECONDS);
            // The host does a plugin's writes in their order.
            store.remove("stopped").toCompletableFuture().get(seconds, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            context.log().log(Level.WARNING, "the last mqtt sessions may not be on disk; they are as before", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void note(String what, CompletionStage<Void> stage) {
        stage.whenComplete((done, failure) -> {
            if (failure != null && !stopped) {
                context.log().log(Level.WARNING, "could not {0} of an mqtt client: {1}", what, failure.getMessage());
            }
        });
    }

    private CompletionStage<Void> publishWill(SessionState state) {
        Will will = state.will().getAndSet(null);
        if (will == null) {
            return CompletableFuture.completedStage(null);
        }
        Resources view = context.resources(state.identity(), state.via(), context.executor());
        // With the will goes that it was published, lest a restart does so again.
        var published = state.generation().isEmpty()
                ? view.write(will.at(context.clock()))
                : view.write(
                        will.at(context.clock()), new PluginStore.Update(SessionStore.will(state.generation()), NONE));
        return published.handle((commit, failure) -> {
            view.close();
            if (failure != null) {
                context.log().log(
                        Level.WARNING,
                        () -> "the will of mqtt client '" + state.via().clientId()
                                + "' was not published to '" + will.write().path() + "': "
                                + failure.getMessage());
            }
            return null;
        });
    }
}
