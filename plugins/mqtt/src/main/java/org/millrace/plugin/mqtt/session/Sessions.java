package org.millrace.plugin.mqtt.session;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Resources;

/**
 * Who holds which client id. Each client id is a queue of claims of which the last is the holder: a new claim asks the
 * one before it to let go and waits for its state, so that take-overs by any number of connections on any event loops
 * happen one after another. Safe for use by any thread; never blocks.
 */
public final class Sessions {
    private final PluginContext context;
    private final int maxDetached;
    private final ConcurrentHashMap<String, Claim> claims = new ConcurrentHashMap<>();
    private final AtomicInteger detached = new AtomicInteger();

    /**
     * Makes an empty registry.
     *
     * @param context publishes wills and keeps time
     * @param maxDetached how many sessions may wait for their clients
     */
    public Sessions(PluginContext context, int maxDetached) {
        this.context = context;
        this.maxDetached = maxDetached;
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
            SessionState left = state.get();
            if (left.endsWithConnection() || detached.get() >= maxDetached) {
                claims.remove(clientId, this);
                end(left);
                released.complete(Optional.empty());
                return;
            }
            detached.incrementAndGet();
            waiting = true;
            scheduleWill(left);
            if (left.expirySeconds() < SessionState.FOREVER) {
                timers.add(context.scheduler().schedule(() -> expire(left), left.expirySeconds(), TimeUnit.SECONDS));
            }
            released.complete(state);
        }

        private void scheduleWill(SessionState left) {
            Will will = left.will().get();
            if (will == null) {
                return;
            }
            if (will.delaySeconds() == 0) {
                publishWill(left);
            } else if (will.delaySeconds() < left.expirySeconds()) {
                timers.add(
                        context.scheduler().schedule(() -> publishWill(left), will.delaySeconds(), TimeUnit.SECONDS));
            }
        }

        private void expire(SessionState left) {
            if (claims.remove(clientId, this)) {
                detached.decrementAndGet();
                end(left);
            }
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
     * A session is over: its will, if it still has one, is published.
     *
     * @param state of no more use
     */
    public void end(SessionState state) {
        publishWill(state);
    }

    /**
     * How many sessions there are, with and without a connection.
     *
     * @return a count that other threads may be altering
     */
    public int count() {
        return claims.size();
    }

    private void publishWill(SessionState state) {
        Will will = state.will().getAndSet(null);
        if (will == null) {
            return;
        }
        Resources view = context.resources(state.identity(), state.via(), context.executor());
        view.write(will.at(context.clock())).whenComplete((commit, failure) -> {
            view.close();
            if (failure != null) {
                context.log().log(
                        Level.WARNING,
                        () -> "the will of mqtt client '" + state.via().clientId()
                                + "' was not published to '" + will.write().path() + "': "
                                + failure.getMessage());
            }
        });
    }
}
