package org.millrace.plugin.amqp.feed;

import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ResourceException;

/**
 * Brings durable subscriptions here that another node of the cluster had, and gives up those that another node wants. On a
 * host on its own it does nothing. Safe for use by any thread.
 */
final class GroupMoves {
    private final PluginContext context;
    private final Places places;
    private final PlaceCopies copies;
    private final Function<String, Optional<Group>> running;
    /** One move after another, so that none writes a place over that of a later one. */
    private CompletableFuture<?> line = CompletableFuture.completedFuture(null);

    /**
     * Makes it; {@link #start} lets other nodes claim.
     *
     * @param running gives the group that runs under a key
     */
    GroupMoves(PluginContext context, Places places, PlaceCopies copies, Function<String, Optional<Group>> running) {
        this.context = context;
        this.places = places;
        this.copies = copies;
        this.running = running;
    }

    void start() {
        var _ = context.cluster().onClaim(key -> inLine(() -> letGo(key)));
    }

    /** Does one thing after another, on threads that may block. */
    private synchronized <T> CompletionStage<T> inLine(Supplier<CompletionStage<T>> act) {
        CompletableFuture<T> next = line.handle((_, _) -> 0)
                .thenComposeAsync(_ -> act.get(), context.executor())
                .toCompletableFuture();
        line = next;
        return next;
    }

    /**
     * Has the other nodes let go of a durable subscription, and brings here what they had of it.
     *
     * @return completes when it can be joined, also if that failed, which the log then says
     */
    CompletionStage<Void> fetch(String key) {
        return context.cluster()
                .claim(key)
                .thenCompose(_ -> inLine(() -> bring(key)))
                .handle((_, failure) -> {
                    if (failure != null) {
                        context.log().log(
                                Level.WARNING,
                                "''{0}'' goes on from what this node has of it: {1}",
                                key,
                                ResourceException.from(failure).getMessage());
                    }
                    return null;
                });
    }

    private CompletionStage<Void> bring(String key) {
        @Nullable GroupPlace there = copies.find(key).orElse(null);
        if (there == null || running.apply(key).isPresent()) {
            return CompletableFuture.completedStage(null);
        }
        if (there.node() == context.cursors().head().node() && places.find(key).isPresent()) {
            return CompletableFuture.completedStage(null);
        }
        // Of another node; or of this one, which gave it to a node that has not taken it.
        @Nullable Cursor here = context.cursors().here(there.start()).orElse(null);
        if (here == null) {
            context.log().log(
                    Level.WARNING,
                    "''{0}'' comes from node {1}, and it is not known here where it was there: it goes on from now, and"
                            + " messages may be missing. Keep the journals longer if clients move after so long a time",
                    key,
                    Long.toHexString(there.node()));
        }
        GroupPlace place = there.at(here == null ? context.cursors().head() : here, places.now());
        return places.save(key, place).thenCompose(_ -> copies.copy(key, place));
    }

    /** Another node claims a subscription: its member here is told, and its place goes there. */
    CompletionStage<Boolean> letGo(String key) {
        Optional<Group> group = running.apply(key);
        if (group.isPresent() && !group.get().spec().isMovable()) {
            return CompletableFuture.completedStage(false);
        }
        return group.map(Group::handOver)
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()))
                .thenCompose(place -> place.isPresent() ? give(key, place.get()) : giveKept(key));
    }

    /** No group runs: its place is in the store, unless another node had it later. */
    private CompletionStage<Boolean> giveKept(String key) {
        return CompletableFuture.supplyAsync(() -> places.find(key), context.executor())
                .thenCompose(place -> {
                    if (place.isEmpty()) {
                        return CompletableFuture.completedStage(false);
                    }
                    if (copies.ofOther(key).isPresent()) {
                        places.remove(key);
                        return CompletableFuture.completedStage(false);
                    }
                    return give(key, place.get());
                });
    }

    private CompletionStage<Boolean> give(String key, GroupPlace place) {
        return copies.copy(key, place).thenApply(_ -> {
            places.remove(key);
            return true;
        });
    }
}
