package org.millrace.plugin.amqp.feed;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.ResourceException;

/**
 * What is kept of durable groups: their places in the change stream, each with a cursor that holds the journal back. Safe
 * for use by any thread.
 */
final class Places {
    private static final String FOLDER = "place/";

    private final PluginContext context;
    private final PlaceCopies copies;
    /** Places that are being written, and the lack of those being removed, which reading must not miss. */
    private final ConcurrentHashMap<String, Optional<GroupPlace>> unsaved = new ConcurrentHashMap<>();

    Places(PluginContext context, PlaceCopies copies) {
        this.context = context;
        this.copies = copies;
    }

    Optional<GroupPlace> find(String key) {
        Optional<GroupPlace> onItsWay = unsaved.get(key);
        return onItsWay != null ? onItsWay : context.store().get(FOLDER + key).map(GroupPlace::of);
    }

    /** Keeps a place; completes when it will be there after a crash, on any thread. */
    CompletionStage<Void> save(String key, GroupPlace place) {
        Optional<GroupPlace> mine = Optional.of(place);
        unsaved.put(key, mine);
        CompletionStage<Void> pinned = context.cursors().save(key, place.start());
        return context.store()
                .put(FOLDER + key, place.toBytes())
                .thenCompose(_ -> pinned)
                .whenComplete((_, _) -> unsaved.remove(key, mine));
    }

    /** Keeps the place a group has come to, here and for other nodes; tells whether that was possible here. */
    CompletionStage<Boolean> trySave(GroupSpec spec, GroupPlace place) {
        if (spec.isMovable()) {
            copies.moved(spec.key(), place);
        }
        return save(spec.key(), place).handle((_, failure) -> {
            if (failure != null) {
                context.log().log(
                        Level.WARNING,
                        "the place of ''{0}'' was not kept, so that what was settled since may come again: {1}",
                        spec.key(),
                        failure.getMessage());
            }
            return failure == null;
        });
    }

    void remove(String key) {
        Optional<GroupPlace> none = Optional.empty();
        unsaved.put(key, none);
        var _ = context.store().remove(FOLDER + key).whenComplete((_, _) -> unsaved.remove(key, none));
        var _ = context.cursors().remove(key);
    }

    /** The keys of groups that have had no members since before a time. May block. */
    List<String> idleSince(long millis) {
        List<String> idle = new ArrayList<>();
        context.store().forEach(FOLDER, (name, bytes) -> {
            GroupPlace place = GroupPlace.of(bytes);
            if (place.idleSince() != 0 && place.idleSince() <= millis) {
                idle.add(name.substring(FOLDER.length()));
            }
        });
        return idle;
    }

    long now() {
        return context.clock().millis();
    }

    /**
     * Settles what an earlier run's transactions had settled when it ended. May block: called before there are members.
     *
     * @throws InterruptedException if interrupted while the disk is waited for
     */
    void recover() throws InterruptedException {
        Map<String, List<Long>> retired = new HashMap<>();
        List<String> slots = new ArrayList<>();
        context.store().forEach(RetiredPositions.FOLDER, (slot, positions) -> {
            slots.add(slot);
            retired.computeIfAbsent(RetiredPositions.groupKey(slot), _ -> new ArrayList<>())
                    .addAll(RetiredPositions.positions(positions));
        });
        long newest = context.cursors().head().position();
        List<CompletionStage<Void>> written = new ArrayList<>();
        context.store().forEach(FOLDER, (name, bytes) -> {
            String key = name.substring(FOLDER.length());
            GroupPlace place = GroupPlace.of(bytes);
            GroupPlace now = place.without(retired.getOrDefault(key, List.of())).reachingTo(newest);
            if (place.idleSince() == 0) { // its members ended with the run before
                now = now.idleSince(now());
            }
            if (!now.equals(place)) {
                written.add(save(key, now));
            }
        });
        await(written);
        await(slots.stream().map(context.store()::remove).toList());
    }

    private static void await(List<CompletionStage<Void>> stages) throws InterruptedException {
        for (CompletionStage<Void> stage : stages) {
            try {
                stage.toCompletableFuture().get();
            } catch (ExecutionException e) {
                throw ResourceException.from(e);
            }
        }
    }
}
