package org.millrace.plugin.amqp.feed;

import io.netty.channel.EventLoop;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.AmqpConfig;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.TopicFilter;

/**
 * The queues, and the durable and shared subscriptions, of all connections. A group runs while it has members; of a
 * durable one a place in the change stream remains. Safe for use by any thread.
 */
public final class Groups {
    private final PluginContext context;
    private final AmqpConfig config;
    private final List<TopicFilter> queues;
    private final Places places;
    private final PlaceCopies copies;
    private final GroupMoves moves;
    private final DeadLetters deadLetters;
    private final ConcurrentHashMap<String, Group> running = new ConcurrentHashMap<>();
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
        this.queues = config.queues().stream().map(TopicFilter::of).toList();
        this.copies = new PlaceCopies(context);
        this.places = new Places(context, copies);
        this.moves = new GroupMoves(context, places, copies, key -> Optional.ofNullable(running.get(key)));
        this.deadLetters = new DeadLetters(context, config, this);
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
     * @param recalled what became of changes that were delivered before; only accepted and rejected ones
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
            Map<Cursor, Outcome> recalled,
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
        return group.join(loop, wanted, recalled, receiver);
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
        GroupPlace place = spec.durable() ? places.find(spec.key()).orElse(null) : null;
        if (place == null || !place.isOf(spec)) {
            place = GroupPlace.at(head, spec, 0);
        }
        Resources own = context.resources(view.identity(), via.withClientId(""), loop);
        Group group = new Group(this, places, deadLetters, spec, loop, own, place);
        try {
            group.start();
        } catch (ResourceException e) {
            own.close();
            throw e;
        }
        return group;
    }

    /**
     * What is kept of a durable subscription.
     *
     * @param key its key
     * @return its filter and selector, if there is one
     */
    public Optional<GroupSpec> find(String key) {
        return places.find(key)
                .map(place -> new GroupSpec(key, TopicFilter.of(place.filter()), place.condition(), true, true, false));
    }

    /**
     * Whether there are other nodes that may have a subscription.
     *
     * @return false on a host on its own
     */
    public boolean isClustered() {
        return copies.isOn();
    }

    /**
     * Has the other nodes let go of a durable subscription, and brings here what they had of it.
     *
     * @param key its key
     * @return completes on any thread when it can be joined, also if that failed
     */
    public CompletionStage<Void> fetch(String key) {
        return moves.fetch(key);
    }

    /**
     * Waits until other nodes have what they need of the durable subscriptions.
     *
     * @return completes when that is durable
     */
    public CompletionStage<Void> stop() {
        return copies.copyMoved();
    }

    /**
     * Makes sure that a queue exists. Called before a message is written to it, for a receiver that comes while the message is
     * on its way to the disk has to begin before it; the message is acknowledged when the queue will be there, too.
     *
     * @param queue its path
     * @return completes when the queue will be there after a crash, on any thread
     */
    public CompletionStage<Void> keep(Path queue) {
        GroupSpec spec = queue(TopicFilter.exactly(queue));
        @Nullable CompletionStage<Void> there = known.get(spec.key());
        if (there != null) {
            return there;
        }
        CompletionStage<Void> kept = known.computeIfAbsent(
                spec.key(),
                _ -> running.containsKey(spec.key()) || places.find(spec.key()).isPresent()
                        ? CompletableFuture.completedStage(null)
                        : places.save(
                                spec.key(), GroupPlace.at(context.cursors().head(), spec, places.now())));
        kept.whenComplete((_, failure) -> {
            if (failure != null) {
                known.remove(spec.key(), kept); // the next message tries again
            }
        });
        return kept;
    }

    /**
     * Settles what an earlier run's transactions had settled when it ended. May block: called before there are members.
     *
     * @throws InterruptedException if interrupted while the disk is waited for
     */
    public void start() throws InterruptedException {
        places.recover();
        moves.start();
    }

    /**
     * Lets go of what had no receiver for too long ({@code amqp.abandoned-after}), so that it does not hold the journal
     * back for ever. May block.
     */
    public void removeAbandoned() {
        for (String key :
                places.idleSince(places.now() - config.abandonedAfter().toMillis())) {
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
        copies.over(key);
        places.remove(key);
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
        GroupPlace place = places.find(spec.key()).orElseGet(() -> GroupPlace.at(head, spec, 0));
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
        for (TopicFilter filter : queues) {
            if (filter.matches(path)) {
                return true;
            }
        }
        return false;
    }
}
