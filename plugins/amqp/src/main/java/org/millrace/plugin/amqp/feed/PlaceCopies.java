package org.millrace.plugin.amqp.feed;

import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.millrace.spi.plugin.Cluster;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.plugin.PluginStore;

/**
 * Copies of the places of durable subscriptions for the other nodes of a cluster, under {@code shared/place/<key>}: a
 * place says which node's it is. A copy is made within a second after the place moved. Safe for use by any thread.
 */
final class PlaceCopies {
    private static final String COPIES = PluginStore.SHARED + "place/";
    private static final long SOON_MILLIS = 1_000;

    private final PluginContext context;
    private final Cluster cluster;
    /** The newest place of each group that is not copied yet. */
    private final Map<String, GroupPlace> moved = new HashMap<>();

    /** Copies that are being removed. */
    private final Set<String> ending = ConcurrentHashMap.newKeySet();

    private boolean planned;

    PlaceCopies(PluginContext context) {
        this.context = context;
        this.cluster = context.cluster();
    }

    /** Whether there are other nodes to copy for. */
    boolean isOn() {
        return cluster.isOn();
    }

    /** A place has moved; it is copied soon. */
    void moved(String key, GroupPlace place) {
        if (!isOn()) {
            return;
        }
        synchronized (moved) {
            moved.put(key, place);
            if (!planned && !context.scheduler().isShutdown()) {
                planned = true;
                var _ = context.scheduler().schedule(this::copyMoved, SOON_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }

    /** Copies what has moved; completes when that is durable. */
    CompletionStage<Void> copyMoved() {
        // Writes of a plugin are done in their order: under the lock, so that none overtakes a later one.
        synchronized (moved) {
            planned = false;
            CompletableFuture<?>[] all = moved.entrySet().stream()
                    .map(entry -> put(entry.getKey(), entry.getValue()).toCompletableFuture())
                    .toArray(CompletableFuture[]::new);
            moved.clear();
            return CompletableFuture.allOf(all);
        }
    }

    /** Copies a place now; completes when that is durable. */
    CompletionStage<Void> copy(String key, GroupPlace place) {
        synchronized (moved) {
            moved.remove(key);
            return put(key, place);
        }
    }

    private CompletionStage<Void> put(String key, GroupPlace place) {
        return context.store().put(COPIES + key, place.toBytes()).whenComplete((_, failure) -> {
            if (failure != null) {
                context.log().log(
                        Level.WARNING,
                        "the place of ''{0}'' is not copied for other nodes: {1}",
                        key,
                        failure.getMessage());
            }
        });
    }

    /** The subscription is over, unless another node had it last. May block. */
    void over(String key) {
        if (!isOn()) {
            return;
        }
        synchronized (moved) {
            moved.remove(key);
            if (ofOther(key).isEmpty()) {
                // Also if none is there yet: one may be on its way to the disk, before this.
                ending.add(key);
                var _ = context.store().remove(COPIES + key).whenComplete((_, _) -> ending.remove(key));
            }
        }
    }

    /** What another node had last; empty if this one had it last, or none. May block. */
    Optional<GroupPlace> ofOther(String key) {
        return isOn() ? find(key).filter(place -> place.node() != self()) : Optional.empty();
    }

    /** What any node had last. May block. */
    Optional<GroupPlace> find(String key) {
        return ending.contains(key)
                ? Optional.empty()
                : context.store().get(COPIES + key).map(GroupPlace::of);
    }

    private long self() {
        return context.cursors().head().node();
    }
}
