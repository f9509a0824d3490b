package org.millrace.plugin.mqtt.session;

import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.delivery.SharedGroups;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ResourceException;

/**
 * Writes down what a session is when its connection begins and when it ends; what changes between the two is
 * {@link KeptSession}'s. Safe for use by any thread.
 */
final class SessionKeeping {
    private final PluginContext context;
    private final SessionStore store;
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
            SharedGroups shares,
            SessionCopies copies,
            BooleanSupplier stopped) {
        this.context = context;
        this.store = store;
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
        note("keep the session", store.put(SessionStore.header(clientId), SessionCodec.header(header)));
        if (will != null) {
            note("keep the will", store.put(SessionStore.will(generation), WillCodec.encoded(will)));
        } else if (resumed.isPresent()) {
            note("drop the will", store.remove(SessionStore.will(generation)));
        }
        Cursor earliest = resumed.map(s -> s.flight().earliest()).orElse(null);
        copies.changed(clientId);
        return new KeptSession(store, generation, loop, earliest, () -> copies.changed(clientId));
    }

    /** What is kept of a session that waits. */
    static SessionHeader header(SessionState over, long leftMillis) {
        Will will = over.will().get();
        SessionHeader.Away away = new SessionHeader.Away(
                leftMillis,
                will == null ? -1 : will.delaySeconds(),
                over.flight().earliest());
        return new SessionHeader(over.generation(), over.identity(), over.via(), over.expirySeconds(), away);
    }

    /**
     * A connection has ended, and the session waits.
     *
     * @param header the session's, see {@link #header}
     * @param over the session, which has a name
     * @return completes when all of it is durable
     */
    CompletionStage<Void> save(SessionHeader header, SessionState over) {
        String generation = over.generation();
        CompletionStage<Void> flight = store.put(SessionStore.flight(generation), SessionCodec.flight(over.flight()));
        CompletionStage<Void> settled = flight.thenRun(() -> shares.settled(generation, over.orphans()));
        CompletionStage<Void> kept = store.put(SessionStore.header(over.via().clientId()), SessionCodec.header(header));
        CompletionStage<Void> all = settled.thenCombine(kept, (a, b) -> a);
        if (over.will().get() == null) {
            all = all.thenCombine(store.remove(SessionStore.will(generation)), (a, b) -> a);
        }
        note("keep the session", all);
        return all;
    }

    /** Reports it if something fails. */
    void note(String what, CompletionStage<Void> stage) {
        stage.whenComplete((done, failure) -> {
            if (failure != null && !stopped.getAsBoolean()) {
                context.log().log(
                        Level.WARNING,
                        "could not {0} of an mqtt client: {1}",
                        what,
                        ResourceException.from(failure).getMessage());
            }
        });
    }
}
