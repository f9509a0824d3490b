package org.millrace.plugin.mqtt.session;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.millrace.plugin.mqtt.delivery.SharedGroups;
import org.millrace.spi.plugin.PluginContext;

/** Removes sessions that are over. Safe for use by any thread; never blocks. */
final class SessionEnding {
    private final PluginContext context;
    private final SessionStore store;
    private final SharedGroups shares;
    private final SessionCopies copies;
    private final SessionKeeping keeping;
    private final Wills wills;
    private final BooleanSupplier stopped;

    /**
     * Makes one for all sessions.
     *
     * @param stopped whether the server stops, so that nothing more is removed than has to be
     */
    SessionEnding(
            PluginContext context,
            SessionStore store,
            SharedGroups shares,
            SessionCopies copies,
            SessionKeeping keeping,
            Wills wills,
            BooleanSupplier stopped) {
        this.context = context;
        this.store = store;
        this.shares = shares;
        this.copies = copies;
        this.keeping = keeping;
        this.wills = wills;
        this.stopped = stopped;
    }

    /** See {@link Sessions#end}. */
    CompletionStage<Void> end(SessionState state) {
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
        published.thenRunAsync(() -> removeParts(generation), context.executor());
        return removed;
    }

    private void removeParts(String generation) {
        if (!stopped.getAsBoolean()) {
            store.removeParts(generation);
        }
    }
}
