package org.millrace.plugin.mqtt.session;

import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.SharedGroups;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Cursor;

/**
 * Writes down what a session is when its connection begins and when it ends; what changes between the two is
 * {@link KeptSession}'s. Safe for use by any thread.
 */
final class SessionKeeping {
    private final PluginContext context;
    private final SessionStore store;
    private final SessionCodec codec;
    private final SharedGroups shares;
    private final SessionCopies copies;
    private final BooleanSupplier stopped;

    /**
     * Makes one for all sessions.
     *
     * @param stopped whether the server stops, so that failures are no news
     */
    SessionKeeping(
            PluginContext context,
            SessionStore store,
            SessionCodec codec,
            SharedGroups shares,
            SessionCopies copies,
            BooleanSupplier stopped) {
        this.context = context;
        this.store = store;
        this.codec = codec;
        this.shares = shares;
        this.copies = copies;
        this.stopped = stopped;
    }

    /** A connection begins; see {@link Sessions.Claim#keep}. */
    KeptSession begin(
            String clientId,
            Identity identity,
            ConnectionInfo via,
            long expirySeconds,
            @Nullable Will will,
            Optional<SessionState> resumed,
            Executor loop) {
        String generation = resumed.map(SessionState::generation)
                .filter(g -> !g.isEmpty())
                .orElseGet(() -> store.newGeneration(context.clock().millis()));
        SessionHeader header = new SessionHeader(generation, identity, via, expirySeconds, null);
        note("keep the session", store.put(SessionStore.header(clientId), codec.header(header)));
        if (will != null) {
            note("keep the will", store.put(SessionStore.will(generation), codec.will(will)));
        } else if (resumed.isPresent()) {
            note("drop the will", store.remove(SessionStore.will(generation)));
        }
        Cursor earliest = resumed.map(s -> s.flight().earliest()).orElse(null);
        copies.changed(clientId);
        return new KeptSession(store, codec, generation, loop, earliest, () -> copies.changed(clientId));
    }

    /**
     * A connection has ended, and the session waits.
     *
     * @return completes when that is durable; at once if the session is in memory only
     */
    CompletionStage<Void> save(String clientId, SessionState over, long leftMillis) {
        if (over.generation().isEmpty()) {
            return CompletableFuture.completedStage(null);
        }
        String generation = over.generation();
        CompletionStage<Void> flight = store.put(SessionStore.flight(generation), codec.flight(over.flight()));
        note("keep the session", flight);
        flight.thenRun(() -> shares.settled(generation, over.orphans()));
        Will will = over.will().get();
        SessionHeader.Away away = new SessionHeader.Away(
                leftMillis,
                will == null ? -1 : will.delaySeconds(),
                over.flight().earliest());
        SessionHeader header = new SessionHeader(generation, over.identity(), over.via(), over.expirySeconds(), away);
        CompletionStage<Void> kept = store.put(SessionStore.header(clientId), codec.header(header));
        note("keep the session", kept);
        if (will == null) {
            note("drop the will", store.remove(SessionStore.will(generation)));
        }
        return kept;
    }

    /** Reports it if something fails. */
    void note(String what, CompletionStage<Void> stage) {
        stage.whenComplete((done, failure) -> {
            if (failure != null && !stopped.getAsBoolean()) {
                context.log().log(Level.WARNING, "could not {0} of an mqtt client: {1}", what, failure.getMessage());
            }
        });
    }
}
