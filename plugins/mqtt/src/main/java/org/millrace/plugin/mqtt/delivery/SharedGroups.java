package org.millrace.plugin.mqtt.delivery;

import io.netty.util.concurrent.EventExecutor;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;

/**
 * The shared subscriptions of all clients (MQTT 5 section 4.8). A group lasts while a member is connected, or a session
 * that outlives its connection is one. Safe for use by any thread; never blocks, but for {@link #load}.
 */
public final class SharedGroups {
    private static final long SOON_MILLIS = 1_000;

    private final PluginContext context;
    private final GroupStore store;
    private final GroupSurroundings surroundings = new Surroundings();
    private final ConcurrentHashMap<GroupKey, SharedGroup> groups = new ConcurrentHashMap<>();
    /** The groups that each lasting session is a member of; a set is used within the map's methods only. */
    private final ConcurrentHashMap<String, Set<GroupKey>> bySession = new ConcurrentHashMap<>();

    /**
     * Makes a registry without groups.
     *
     * @param context opens the groups' views
     * @param store keeps those that outlive their members' connections
     */
    public SharedGroups(PluginContext context, GroupStore store) {
        this.context = context;
        this.store = store;
    }

    /** Brings back what an earlier run of the server has kept. May block; called once, before there are connections. */
    public void load() {
        store.readAll((name, key, state, sessions) -> {
            if (sessions.isEmpty()
                    || groups.putIfAbsent(key, new SharedGroup(name, key, surroundings, store, state, sessions))
                            != null) {
                store.remove(name);
            } else {
                sessions.forEach(session -> remember(session, key));
            }
        });
    }

    /**
     * Who joins a group.
     *
     * @param view the member's own, which says whether it may subscribe
     * @param via where the member comes from
     * @param loop the member's event loop
     * @param session the name of the session's durable state; empty if the session ends with its connection
     * @param orphans what the session has under way that belongs to no subscription, such as what it was sent at QoS 2
     */
    public record Member(
            Resources view, ConnectionInfo via, EventExecutor loop, String session, List<Orphan> orphans) {}

    /**
     * Adds a member.
     *
     * @param shared what is shared
     * @param member who joins
     * @param subscription receives the member's part on its event loop
     * @return the membership, whose demand is the member's part; closing it leaves the group
     * @throws ResourceException if the member may not subscribe
     */
    public Subscription join(SharedFilter shared, Member member, MqttSubscription subscription) {
        Resources view = member.view;
        view.subscribe(SubscribeRequest.every(shared.filter(), Start.NOW), Refusing.INSTANCE)
                .close();
        GroupKey key = GroupKey.of(view.identity().name(), shared);
        SharedGroup.Entry entry = new SharedGroup.Entry(
                subscription,
                member.loop,
                executor -> context.resources(view.identity(), member.via.withClientId(""), executor),
                member.session,
                places(member.orphans));
        while (true) {
            SharedGroup group = groups.computeIfAbsent(key, k -> new SharedGroup(k, surroundings, store));
            @Nullable SharedMember joined;
            try {
                joined = group.join(entry);
            } catch (ResourceException e) {
                group.endIfUnused();
                throw e;
            }
            if (joined != null) {
                if (!member.session.isEmpty()) {
                    remember(member.session, key);
                }
                return joined;
            }
            groups.remove(key, group);
        }
    }

    private static Set<Long> places(List<Orphan> orphans) {
        Set<Long> places = new HashSet<>();
        for (Orphan orphan : orphans) {
            places.add(orphan.place().position());
        }
        return places;
    }

    /**
     * A session has ended a shared subscription.
     *
     * @param session the name of the session's durable state
     * @param user whose it is
     * @param filter the shared subscription's, as the client sent it
     */
    public void leave(String session, String user, String filter) {
        leave(session, GroupKey.of(user, SharedFilter.parse(filter)), Set.of());
    }

    private CompletionStage<Void> leave(String session, GroupKey key, Set<Long> owned) {
        bySession.computeIfPresent(session, (s, keys) -> {
            keys.remove(key);
            return keys.isEmpty() ? null : keys;
        });
        SharedGroup group = groups.get(key);
        return group == null ? CompletableFuture.completedStage(null) : group.leave(session, owned);
    }

    /**
     * A session goes on: it leaves groups that it has ended its subscription to.
     *
     * @param session the name of the session's durable state
     * @param user whose it is
     * @param filters all that it is subscribed to
     * @param orphans what it has under way
     */
    public void resumed(String session, String user, Collection<String> filters, List<Orphan> orphans) {
        Set<GroupKey> known = keys(session);
        if (!known.isEmpty()) {
            filters.stream()
                    .filter(SharedFilter::isShared)
                    .forEach(filter -> known.remove(GroupKey.of(user, SharedFilter.parse(filter))));
            known.forEach(key -> leave(session, key, places(orphans)));
        }
    }

    /**
     * A session is over.
     *
     * @param session the name of its durable state; may be empty
     * @param orphans what it had under way; nobody else is sent it ([MQTT-4.8.2-5])
     * @return completes on any thread when a restart would know that without the session
     */
    public CompletionStage<Void> ended(String session, List<Orphan> orphans) {
        CompletionStage<Void> all = CompletableFuture.completedStage(null);
        for (GroupKey key : keys(session)) {
            all = all.thenCombine(leave(session, key, places(orphans)), (a, b) -> a);
        }
        return all;
    }

    /**
     * Sessions that satisfy a condition are all there are; others were over when the server was killed.
     *
     * @param known tells by the name of a session's durable state
     */
    public void retain(Predicate<String> known) {
        for (String session : bySession.keySet()) {
            if (!known.test(session)) {
                ended(session, List.of());
            }
        }
    }

    /**
     * What a session had under way when its connection ended is durable.
     *
     * @param session the name of its durable state
     * @param orphans what it has under way
     */
    public void settled(String session, List<Orphan> orphans) {
        for (GroupKey key : keys(session)) {
            SharedGroup group = groups.get(key);
            if (group != null) {
                group.settled(session, places(orphans));
            }
        }
    }

    private Set<GroupKey> keys(String session) {
        Set<GroupKey> keys = new HashSet<>(0);
        bySession.computeIfPresent(session, (s, known) -> {
            keys.addAll(known);
            return known;
        });
        return keys;
    }

    private void remember(String session, GroupKey key) {
        bySession.compute(session, (s, known) -> {
            Set<GroupKey> keys = known == null ? new HashSet<>(2) : known;
            keys.add(key);
            return keys;
        });
    }

    /**
     * Keeps how far the groups are.
     *
     * @return completes on any thread when that is durable
     */
    public CompletionStage<Void> save() {
        return CompletableFuture.allOf(groups.values().stream()
                .map(group -> group.save().toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }

    /**
     * Shows from where on the groups need the journal after a restart.
     *
     * @param places told of the place of each group that outlives its members' connections
     */
    public void forEachPlace(Consumer<Cursor> places) {
        for (SharedGroup group : new ArrayList<>(groups.values())) {
            Cursor place = group.keptPlace();
            if (place != null) {
                places.accept(place);
            }
        }
    }

    private final class Surroundings implements GroupSurroundings {
        @Override
        public void gone(SharedGroup group, GroupKey key) {
            groups.remove(key, group);
        }

        @Override
        public void lostPlace(GroupKey key, ResourceException reason) {
            context.log().log(
                    Level.WARNING,
                    "the members of mqtt shared subscription ''$share/{0}/{1}'' miss what was published while"
                            + " none was connected: {2}. Keep the journal longer if they stay away for longer",
                    key.share(),
                    key.filter(),
                    reason.getMessage());
        }

        @Override
        public void soon(Runnable task) {
            if (!context.scheduler().isShutdown()) {
                context.scheduler().schedule(task, SOON_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }

    /** Only asks whether a subscription is allowed; is never delivered to, for it requests nothing. */
    private enum Refusing implements Subscriber {
        INSTANCE;

        @Override
        public void onChange(Change change, Reason reason) {
            throw new IllegalStateException("a change without demand");
        }

        @Override
        public void onClosed(ResourceException reason) {
            // The group's own subscription reports what matters.
        }
    }
}
