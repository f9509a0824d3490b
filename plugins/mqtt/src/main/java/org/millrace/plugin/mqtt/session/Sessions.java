package org.millrace.plugin.mqtt.session;

import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.SharedGroups;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;

/**
 * Who holds which client id. Each client id is a queue of claims of which the last is the holder: a new claim asks the
 * one before it to let go and waits for its state, so that take-overs by any number of connections on any event loops
 * happen one after another. A session that waits for its client is in memory until it is durable, and then on disk alone
 * ({@link DormantSessions}). Safe for use by any thread; never blocks, but for {@link #stop}.
 */
public final class Sessions {
    private final Claims claims;

    /**
     * Makes an empty registry.
     *
     * @param context publishes wills, keeps time and sessions
     * @param shares told of what becomes of their members' sessions
     * @param maxDetached how many sessions may wait for their clients
     * @param maxLag how many changes a session may be behind before the journal is no longer kept for it
     */
    public Sessions(PluginContext context, SharedGroups shares, int maxDetached, long maxLag) {
        this.claims = new Claims(context, shares, maxDetached, maxLag);
    }

    /** Told that another connection claims the client id; lets go by {@link Claim#release}. Any thread may call. */
    @FunctionalInterface
    public interface Holder {
        /** Ends the connection with "session taken over". */
        void takenOver();
    }

    /** One connection's hold on a client id. */
    public interface Claim {
        /**
         * What the holder before left.
         *
         * @return the session to go on with, if there is one; completes on any thread
         */
        CompletionStage<Optional<SessionState>> previous();

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
        KeptSession keep(
                Identity identity,
                ConnectionInfo via,
                long expirySeconds,
                @Nullable Will will,
                Optional<SessionState> resumed,
                Executor loop);

        /**
         * Lets go, once.
         *
         * @param state what is left of the connection; empty if there never was a session
         */
        void release(Optional<SessionState> state);
    }

    /**
     * Claims a client id.
     *
     * @param clientId whose
     * @param holder told when another claim comes
     * @return the claim, to be released exactly once
     */
    public Claim claim(String clientId, Holder holder) {
        return claims.claim(clientId, holder);
    }

    /**
     * A session is over: its will, if it still has one, is published, and what is kept of it is removed.
     *
     * @param state of no more use
     * @return completes when a restart will not find the session
     */
    public CompletionStage<Void> end(SessionState state) {
        return claims.end(state);
    }

    /**
     * How many sessions there are, with and without a connection.
     *
     * @return a count that other threads may be altering
     */
    public int count() {
        return claims.count();
    }

    /**
     * How many sessions wait for their clients.
     *
     * @return a count that other threads may be altering
     */
    public int waiting() {
        return claims.waiting();
    }

    /**
     * How many sessions have waited for their clients in vain, since the start.
     *
     * @return a count that other threads may be altering
     */
    public long expired() {
        return claims.expired();
    }

    /**
     * Takes up what an earlier run of the server has kept, in the background.
     *
     * @param known runs when the places of all of it are known for the first time
     */
    public void start(Runnable known) {
        claims.start(known);
    }

    /** How many are in memory, connected or not. */
    int inMemory() {
        return claims.inMemory();
    }

    /** How many sessions on disk alone have something due before long. */
    int alarms() {
        return claims.alarms();
    }

    /** Goes through the sessions on disk now, as is done now and then. May block. */
    void sweep() {
        claims.sweep();
    }

    /** Adds how far the sessions are in the change stream: of each the earliest change it may need. */
    void addTo(JournalPlaces places) {
        claims.addTo(places);
    }

    /**
     * Waits until what was left by connections is on disk. Nothing expires any more.
     *
     * @param seconds how long
     */
    public void stop(long seconds) {
        claims.stop(seconds);
    }
}
