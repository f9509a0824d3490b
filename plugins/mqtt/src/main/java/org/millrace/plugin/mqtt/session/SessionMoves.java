package org.millrace.plugin.mqtt.session;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.session.SessionState.Saved;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.ResourceException;

/**
 * Brings sessions here that another node of the cluster had, and gives up those that another node wants. On a host on its
 * own it does nothing. Safe for use by any thread.
 */
final class SessionMoves {
    private static final byte[] NOTHING = {};

    private final PluginContext context;
    private final SessionStore store;
    private final WillCodec codec;
    private final SessionKeeping keeping;
    private final SessionCopies copies;

    SessionMoves(
            PluginContext context, SessionStore store, WillCodec codec, SessionKeeping keeping, SessionCopies copies) {
        this.context = context;
        this.store = store;
        this.codec = codec;
        this.keeping = keeping;
        this.copies = copies;
    }

    /** Whether there are other nodes. */
    boolean isOn() {
        return copies.isOn();
    }

    /**
     * Has the other nodes let go of a client id.
     *
     * @param comes runs on a thread that may block, before anything of this node's store is altered for the session
     * @return completes on a thread that may block, with the session if another node had it last
     */
    CompletionStage<Optional<SessionState>> fetch(String clientId, Runnable comes) {
        return context.cluster()
                .claim(clientId)
                .handle((asked, failure) -> {
                    if (failure != null) {
                        context.log().log(
                                Level.WARNING,
                                "mqtt client ''{0}'' is served without asking the other nodes for it: {1}",
                                clientId,
                                ResourceException.from(failure).getMessage());
                    }
                    return clientId;
                })
                .thenComposeAsync(of -> bring(of, comes), context.executor());
    }

    private CompletionStage<Optional<SessionState>> bring(String clientId, Runnable comes) {
        SessionCopies.@Nullable Copy copy = copies.ofOther(clientId).orElse(null);
        if (copy == null) {
            return CompletableFuture.completedStage(Optional.empty());
        }
        comes.run();
        long now = context.clock().millis();
        SessionHeader.Away away = copy.header().away();
        if (away != null
                && SessionHeader.dueMillis(away.leftMillis(), copy.header().expirySeconds(), -1) <= now) {
            return copies.removeOwn(clientId)
                    .thenCompose(removed -> copies.remove(clientId))
                    .thenApply(removed -> Optional.empty());
        }
        MovedSession.Arrived arrived = MovedSession.of(
                StoredSession.of(copy.header(), copy.parts(), codec),
                store.newGeneration(now),
                context.cursors()::here,
                context.cursors().head());
        if (arrived.lost()) {
            context.log().log(
                    Level.WARNING,
                    "mqtt client ''{0}'' comes from node {1}, and it is not known here where it was there: it is shown"
                            + " the present state, and events may be missing. Keep the journals longer if clients move"
                            + " after so long a time",
                    clientId,
                    Long.toHexString(copy.node()));
        }
        return copies.removeOwn(clientId)
                .thenCompose(removed -> write(clientId, arrived.state(), now))
                .thenCompose(written -> copies.copy(clientId))
                .thenApply(copied -> Optional.of(arrived.state()));
    }

    private CompletionStage<Void> write(String clientId, SessionState state, long now) {
        String generation = state.generation();
        List<CompletableFuture<Void>> parts = new ArrayList<>();
        for (Saved saved : state.subscriptions()) {
            parts.add(store.put(SessionStore.subscription(generation, saved.number()), SessionCodec.subscription(saved))
                    .toCompletableFuture());
        }
        for (int packetId : state.received()) {
            parts.add(store.put(SessionStore.received(generation, packetId), NOTHING)
                    .toCompletableFuture());
        }
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
                .thenCompose(done -> keeping.save(SessionKeeping.header(state, now), state));
    }

    /**
     * Gives up a session that is in this node's store only, or waits in memory.
     *
     * @param state what is under way in memory; empty for what the store has
     * @return completes when others can have it, with whether there was one
     */
    CompletionStage<Boolean> give(String clientId, Optional<SessionState> state) {
        if (state.isEmpty() && isElsewhere(clientId)) {
            return copies.removeOwn(clientId).thenApply(removed -> false);
        }
        if (store.get(SessionStore.header(clientId)).isEmpty()) {
            return CompletableFuture.completedStage(false);
        }
        CompletionStage<Void> saved = state.isEmpty()
                ? CompletableFuture.completedStage(null)
                : keeping.save(
                        SessionKeeping.header(state.get(), context.clock().millis()), state.get());
        return saved.thenCompose(done -> copies.copy(clientId))
                .thenCompose(copied -> copies.removeOwn(clientId))
                .thenApply(removed -> true);
    }

    /** Whether another node had a session later than this one's store. May block. */
    boolean isElsewhere(String clientId) {
        return copies.ofOther(clientId).isPresent();
    }

    /** What this node's store has of a session is of no more use. */
    CompletionStage<Void> forget(String clientId) {
        return copies.removeOwn(clientId);
    }
}
