package org.millrace.plugin.amqp.feed;

import io.netty.channel.EventLoop;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.AmqpConfig;
import org.millrace.spi.content.Content;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/**
 * The queues, and the durable and shared subscriptions, of all connections. A group runs while it has members; of a
 * durable one a place in the change stream remains. Safe for use by any thread.
 */
public final class Groups {
    private static final String PLACES = "place/";

    private final PluginContext context;
    private final AmqpConfig config;
    private final ConcurrentHashMap<String, Group> running = new ConcurrentHashMap<>();
    /** Places that are being written, and the lack of those being removed, which reading must not miss. */
    private final ConcurrentHashMap<String, Optional<GroupPlace>> unsaved = new ConcurrentHashMap<>();
    /** Queues that are known to have a place, so that a send costs one look-up. */
    private final ConcurrentHashMap<String, CompletionStage<Void>> known = new ConcurrentHashMap<>();

    /**
     * Makes a registry without groups.
     *
     * @param context keeps places
     * @param config says what becomes of rejected messages
     */
    public Groups(PluginContext context, AmqpConfig config) {
        this.context = context;
        this.config = config;
    }

    /**
     * The group of a queue.
     *
     * @param filter the queue's path, or a filter of several
     * @return one key for all who name it
     */
    public static GroupSpec queue(TopicFilter filter) {
        return new GroupSpec("queue/" + encoded(filter.toString()), filter, "", true, false, true);
    }

    /** A path level that stands for any text. */
    static String encoded(String text) {
        return java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8);
    }

    /**
     * Names a subscription's group.
     *
     * @param container the client's container id; empty for one that all clients share
     * @param name the subscription's name
     * @return a key
     */
    public static String subscriptionKey(String container, String name) {
        return "sub/" + encoded(container) + "/" + encoded(name);
    }

    /**
     * Joins a group, and starts it where it does not run.
     *
     * @param spec which
     * @param head where a group starts that is new
     * @param view the member's own, which was asked whether it may subscribe
     * @param via where the member comes from
     * @param loop the member's event loop
     * @param wanted which changes the member wants
     * @param receiver the member
     * @return the member's feed
     * @throws ResourceException if the kept place is no longer kept, or others follow something else under this name
     */
    public Feed join(
            GroupSpec spec,
            Cursor head,
            Resources view,
            ConnectionInfo via,
            EventLoop loop,
            Predicate<Change> wanted,
            Feed.Receiver receiver) {
        Group group = running.compute(spec.key(), (_, found) -> {
            if (found != null && agrees(found, spec)) {
                return found;
            }
            if (found != null) {
                found.replaced();
            }
            return open(spec, head, view, via, loop);
        });
        return group.join(loop, wanted, receiver);
    }

    private static boolean agrees(Group group, GroupSpec spec) {
        GroupSpec other = group.spec();
        if (other.filter().equals(spec.filter()) && other.condition().equals(spec.condition())) {
            return true;
        }
        if (other.exclusive()) {
            return false; // its member is about to be replaced
        }
        throw new ResourceException(
                ErrorCode.CONFLICT, "the subscription '" + spec.key() + "' is in use with another address or selector");
    }

    private Group open(GroupSpec spec, Cursor head, Resources view, ConnectionInfo via, EventLoop loop) {
        GroupPlace place = spec.durable() ? place(spec).orElse(null) : null;
        if (place == null || !place.isOf(spec)) {
            place = GroupPlace.at(head, spec, 0);
        }
        Resources own = context.resources(view.identity(), via.withClientId(""), loop);
        Group group = new Group(this, spec, loop, own, place);
        try {
            group.start();
        } catch (ResourceException e) {
            own.close();
            throw e;
        }
        return group;
    }

    private Optional<GroupPlace> place(GroupSpec spec) {
        return kept(spec.key());
    }

    private Optional<GroupPlace> kept(String key) {
        Optional<GroupPlace> onItsWay = unsaved.get(key);
        return onItsWay != null ? onItsWay : context.store().get(PLACES + key).map(GroupPlace::of);
    }

    /**
     * What is kept of a durable subscription.
     *
     * @param key its key
     * @return its filter and selector, if there is one
     */
    public Optional<GroupSpec> find(String key) {
        return kept(key)
                .map(place -> new GroupSpec(key, TopicFilter.of(place.filter()), place.condition(), true, true, false));
    }

    /**
     * Makes sure that a queue exists which holds a message, before the message is acknowledged.
     *
     * @param queue its path
     * @param before the place before the message
     * @return completes when the queue will be there after a crash, on any thread
     */
    public CompletionStage<Void> keep(Path queue, Cursor before) {
        GroupSpec spec = queue(TopicFilter.exactly(queue));
        @Nullable CompletionStage<Void> there = known.get(spec.key());
        if (there != null) {
            return there;
        }
        CompletionStage<Void> kept = known.computeIfAbsent(
                spec.key(),
                _ -> running.containsKey(spec.key()) || place(spec).isPresent()
                        ? CompletableFuture.completedStage(null)
                        : saved(spec.key(), GroupPlace.at(before, spec, now())));
        kept.whenComplete((_, failure) -> {
            if (failure != null) {
                known.remove(spec.key(), kept); // the next message tries again
            }
        });
        return kept;
    }

    private CompletionStage<Void> saved(String key, GroupPlace place) {
        Optional<GroupPlace> mine = Optional.of(place);
        unsaved.put(key, mine);
        CompletionStage<Void> pinned = context.cursors().save(key, place.start());
        return context.store()
                .put(PLACES + key, place.toBytes())
                .thenCompose(_ -> pinned)
                .whenComplete((_, _) -> unsaved.remove(key, mine));
    }

    /** Keeps a place; tells whether that was possible. */
    CompletionStage<Boolean> save(GroupSpec spec, GroupPlace place) {
        return saved(spec.key(), place).handle((_, failure) -> {
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

    long now() {
        return context.clock().millis();
    }

    /**
     * Settles what an earlier run's transactions had settled when it ended. May block: called before there are members.
     *
     * @throws InterruptedException if interrupted while the disk is waited for
     */
    public void start() throws InterruptedException {
        Map<String, List<Long>> retired = new HashMap<>();
        List<String> slots = new ArrayList<>();
        context.store().forEach(RetiredPositions.FOLDER, (slot, positions) -> {
            slots.add(slot);
            retired.computeIfAbsent(RetiredPositions.groupKey(slot), _ -> new ArrayList<>())
                    .addAll(RetiredPositions.positions(positions));
        });
        long newest = context.cursors().head().position();
        List<CompletionStage<Void>> written = new ArrayList<>();
        context.store().forEach(PLACES, (name, bytes) -> {
            String key = name.substring(PLACES.length());
            GroupPlace place = GroupPlace.of(bytes);
            GroupPlace now = place.without(retired.getOrDefault(key, List.of())).reachingTo(newest);
            if (place.idleSince() == 0) { // its members ended with the run before
                now = now.idleSince(now());
            }
            if (!now.equals(place)) {
                written.add(saved(key, now));
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

    /**
     * Lets go of what had no receiver for too long ({@code amqp.abandoned-after}), so that it does not hold the journal
     * back for ever. May block.
     */
    public void removeAbandoned() {
        long before = now() - config.abandonedAfter().toMillis();
        List<String> abandoned = new ArrayList<>();
        context.store().forEach(PLACES, (name, bytes) -> {
            GroupPlace place = GroupPlace.of(bytes);
            if (place.idleSince() != 0 && place.idleSince() <= before) {
                abandoned.add(name.substring(PLACES.length()));
            }
        });
        for (String key : abandoned) {
            running.compute(key, (_, found) -> {
                if (found == null) {
                    forget(key);
                    context.log().log(
                            Level.INFO,
                            "removed ''{0}'': nobody received from it for {1} (amqp.abandoned-after)",
                            key,
                            config.abandonedAfter());
                }
                return found;
            });
        }
    }

    void gone(Group group) {
        running.remove(group.spec().key(), group);
    }

    /**
     * Ends a durable group that has no members.
     *
     * @param spec which
     */
    public void forget(GroupSpec spec) {
        forget(spec.key());
    }

    private void forget(String key) {
        known.remove(key);
        Optional<GroupPlace> none = Optional.empty();
        unsaved.put(key, none);
        var _ = context.store().remove(PLACES + key).whenComplete((_, _) -> unsaved.remove(key, none));
        var _ = context.cursors().remove(key);
    }

    /**
     * Whether a group runs under a key.
     *
     * @param key the key
     * @return true while it has members
     */
    public boolean isRunning(String key) {
        return running.containsKey(key);
    }

    boolean isTooOften(long failures) {
        return config.maxDeliveries() > 0 && failures >= config.maxDeliveries();
    }

    /** Puts a message nobody can use where it can be looked at, then lets it go. */
    void bury(Change change, Resources view, Runnable done) {
        Content content = change.content().orElse(null);
        if (config.deadLetterTable().isEmpty() || content == null) {
            done.run();
            return;
        }
        Path to = Path.of(config.deadLetterTable(), change.path().toString());
        view.write(new Write.Publish(to, content, WriteOptions.DEFAULT.withProperties(change.properties())))
                .thenCompose(commit ->
                        isQueue(to) ? keep(to, before(commit.cursor())) : CompletableFuture.<Void>completedStage(null))
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        context.log().log(
                                Level.WARNING,
                                "a rejected message was not put at ''{0}'' and is dropped: {1}",
                                to,
                                failure.getMessage());
                    }
                    done.run();
                });
    }

    /**
     * The place before a change.
     *
     * @param cursor the change's
     * @return from which it is read next
     */
    public static Cursor before(Cursor cursor) {
        return new Cursor(cursor.node(), Math.max(0, cursor.position() - 1));
    }

    /**
     * What a browser of a queue sees.
     *
     * @param start where it begins to read
     * @param wanted which of the changes from there are in the queue
     */
    public record Contents(Cursor start, Predicate<Change> wanted) {}

    /**
     * What is in a queue.
     *
     * @param spec the queue
     * @param head the newest place, where a queue begins that there is not
     * @return where to read it
     */
    public Contents browse(GroupSpec spec, Cursor head) {
        GroupPlace place = place(spec).orElseGet(() -> GroupPlace.at(head, spec, 0));
        return new Contents(
                place.start(), change -> place.isOpen(change.cursor().position()));
    }

    /**
     * Whether the configuration says a path is a queue.
     *
     * @param path any path
     * @return true if one of the filters matches
     */
    public boolean isQueue(Path path) {
        for (String filter : config.queues()) {
            if (TopicFilter.of(filter).matches(path)) {
                return true;
            }
        }
        return false;
    }
}
