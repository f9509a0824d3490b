package org.millrace.plugin.mqtt.connection;

import io.netty.handler.codec.mqtt.MqttSubscriptionOption.RetainedHandlingPolicy;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.codec.ReasonCode;
import org.millrace.plugin.mqtt.delivery.Flight;
import org.millrace.plugin.mqtt.delivery.MqttSubscription;
import org.millrace.plugin.mqtt.delivery.Orphan;
import org.millrace.plugin.mqtt.delivery.Outbound;
import org.millrace.plugin.mqtt.delivery.Retirement;
import org.millrace.plugin.mqtt.delivery.SharedFilter;
import org.millrace.plugin.mqtt.delivery.SubscriptionOptions;
import org.millrace.plugin.mqtt.session.KeptSession;
import org.millrace.plugin.mqtt.session.SessionState.Saved;
import org.millrace.plugin.mqtt.system.SystemTopics;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;

/** The topic filters of one connection. Used by its event loop only. */
final class Subscriptions {
    private static final int SMALLEST_WINDOW = 16;
    private static final Runnable NOTHING = () -> {};

    private final MqttServer server;
    private final Sources sources;
    private final Outbound outbound;
    private final Consumer<ResourceException> failed;
    private @Nullable KeptSession kept;
    private int lastNumber;
    private final Map<String, MqttSubscription> byFilter = new LinkedHashMap<>(4);
    /** Where those began that outlive the connection, until their progress is kept. */
    private final Map<String, Flight.Place> places = new HashMap<>(0);

    private boolean closed;
    /** Ended by the client, with something left to do. */
    private final Set<MqttSubscription> retired = new LinkedHashSet<>(0);

    private final Map<String, MqttSubscription> replays = new LinkedHashMap<>(0);

    Subscriptions(
            MqttServer server,
            Resources resources,
            ConnectionInfo via,
            Outbound outbound,
            EventExecutor loop,
            Consumer<ResourceException> failed) {
        this.server = server;
        this.sources = new Sources(server, resources, via, loop);
        this.outbound = outbound;
        this.failed = failed;
    }

    /** From now on subscriptions outlive the connection. */
    void keepIn(KeptSession session) {
        kept = session;
    }

    /**
     * Takes up a filter, or goes on with it with other options.
     *
     * @param writes is added what has to be durable before the client is told
     * @return what is to be done once it is told
     * @throws ResourceException if it may not, or cannot, be subscribed to
     */
    Runnable take(SubscriptionOptions options, RetainedHandlingPolicy handling, List<CompletableFuture<Void>> writes) {
        MqttSubscription existing = byFilter.get(options.filter());
        if (existing == null) {
            return open(options, start(handling));
        }
        if (existing.options().query().equals(options.query())) {
            return reopen(existing, options, handling);
        }
        // Another query is another subscription, although it takes the place of this one once it is there.
        Opening opening = prepare(options, start(handling), ++lastNumber, List.of());
        remove(options.filter(), writes);
        return opening.take(null);
    }

    /** Adds the writes by which a filter that was taken up outlives the server, if the session outlives its connection. */
    void keep(String filter, List<CompletableFuture<Void>> writes) {
        KeptSession session = kept;
        MqttSubscription subscription = byFilter.get(filter);
        if (session != null && subscription != null) {
            writes.add(session.subscribed(saved(filter, subscription)).toCompletableFuture());
            writes.add(subscription.share().keepGroup().toCompletableFuture());
        }
    }

    /** Whether the connection has let go of them. */
    boolean isClosed() {
        return closed;
    }

    private static Start start(RetainedHandlingPolicy handling) {
        return handling == RetainedHandlingPolicy.DONT_SEND_AT_SUBSCRIBE ? Start.NOW : Start.CURRENT;
    }

    private Runnable open(SubscriptionOptions options, Start start) {
        if (byFilter.size() + retired.size() >= server.config.maxSubscriptions()) {
            throw new ResourceException(
                    ErrorCode.QUOTA_EXCEEDED,
                    "the client has " + byFilter.size() + " subscriptions; no more are allowed"
                            + " (mqtt.max-subscriptions)");
        }
        return prepare(options, start, ++lastNumber, List.of()).take(null);
    }

    private String generation() {
        return kept == null ? "" : kept.generation();
    }

    private Opening prepare(SubscriptionOptions options, Start start, int number, List<Orphan> orphans) {
        boolean shared = SharedFilter.isShared(options.filter());
        MqttSubscription subscription = new MqttSubscription(outbound, options, number, shared);
        Subscription source = shared
                ? sources.share(options, subscription, generation(), orphans)
                : sources.follow(TopicFilter.of(options.filter()), start, options.query(), subscription);
        return new Opening(subscription, source, !shared && start instanceof Start.Current);
    }

    /** A subscription that has its source, which may refuse it, and is not the client's yet. */
    private final class Opening {
        private final MqttSubscription subscription;
        private final Subscription source;
        private final boolean present;

        Opening(MqttSubscription subscription, Subscription source, boolean present) {
            this.subscription = subscription;
            this.source = source;
            this.present = present;
        }

        /** Makes it one of the client's; gives what is to be done once the client is told. */
        Runnable take(Flight.@Nullable Place place) {
            SubscriptionOptions options = subscription.options();
            boolean shared = subscription.isShared();
            if (!shared && options.query().isEmpty()) {
                outbound.add(subscription, TopicFilter.of(options.filter()));
            }
            subscription.feed(source, present);
            byFilter.put(options.filter(), subscription);
            server.traffic.subscriptions(1, shared);
            if (kept != null) {
                subscription.keep();
                outbound.keep(subscription);
                if (place != null && !shared) {
                    outbound.resume(subscription, place);
                }
                places.put(
                        options.filter(),
                        shared ? Flight.Place.SHARED : new Flight.Place(source.position(), present, List.of()));
            }
            return () -> subscription.start(demand());
        }
    }

    /**
     * A SUBSCRIBE to a filter the client has: the subscription goes on with new options, so that nothing is lost
     * ([MQTT-3.8.4-3]), and retained messages are shown again beside it.
     */
    private Runnable reopen(MqttSubscription existing, SubscriptionOptions options, RetainedHandlingPolicy handling) {
        outbound.change(existing, options);
        if (handling != RetainedHandlingPolicy.SEND_AT_SUBSCRIBE || SharedFilter.isShared(options.filter())) {
            return NOTHING;
        }
        return showPresent(options);
    }

    private Runnable showPresent(SubscriptionOptions options) {
        MqttSubscription replay = MqttSubscription.replay(outbound, options);
        Subscription source = sources.follow(TopicFilter.of(options.filter()), Start.CURRENT, options.query(), replay);
        MqttSubscription before = replays.put(options.filter(), replay);
        if (before != null) {
            before.close();
        }
        replay.feed(source, true);
        return () -> replay.start(demand());
    }

    /** Clients with many subscriptions get a smaller window for each, so that what waits for them stays bounded. */
    private long demand() {
        return Math.max(SMALLEST_WINDOW, server.config.subscriptionWindow() / (1 + byFilter.size() / 16));
    }

    /**
     * Ends a subscription.
     *
     * @param writes is added what has to be durable before the client is told
     */
    ReasonCode remove(String filter, List<CompletableFuture<Void>> writes) {
        MqttSubscription replay = replays.remove(filter);
        if (replay != null) {
            replay.close();
        }
        MqttSubscription subscription = byFilter.remove(filter);
        places.remove(filter);
        if (subscription == null) {
            return ReasonCode.NO_SUBSCRIPTION_EXISTED;
        }
        server.traffic.subscriptions(-1, subscription.isShared());
        Retirement retirement = outbound.endings().end(subscription, overlapping(subscription), lastNumber);
        if (retirement != null) {
            retired.add(subscription);
            passOverPresent(subscription);
        }
        if (kept != null) {
            CompletionStage<Void> write = retirement == null
                    ? kept.unsubscribed(subscription.number())
                    : kept.subscribed(saved(subscription, subscription.place()));
            writes.add(write.toCompletableFuture());
            if (subscription.isShared()) {
                // Not before the session remembers what it was sent, for the group forgets that it had it.
                outbound.afterNextKept(() -> {
                    if (!byFilter.containsKey(filter)) {
                        sources.leaveShare(generation(), filter);
                    }
                });
            }
        }
        return ReasonCode.SUCCESS;
    }

    private static @Nullable TopicFilter overlapping(MqttSubscription subscription) {
        String filter = subscription.options().filter();
        return subscription.isShared() || !subscription.options().query().isEmpty() || SystemTopics.concerns(filter)
                ? null
                : TopicFilter.of(filter);
    }

    /**
     * Of the present state the client is shown no more; the changes since, which it would have contained, may be owed
     * to other subscriptions.
     */
    private void passOverPresent(MqttSubscription subscription) {
        Cursor began = subscription.began();
        if (began != null) {
            TopicFilter filter = TopicFilter.of(subscription.options().filter());
            subscription.feedAnew(sources.follow(filter, new Start.After(began), "", subscription));
            subscription.start(demand());
        }
    }

    /** An ended subscription has nothing left to do. */
    void over(MqttSubscription subscription) {
        retired.remove(subscription);
        if (kept != null && !closed) {
            kept.unsubscribed(subscription.number());
        }
    }

    /**
     * Goes on with an earlier connection's subscriptions.
     *
     * @param saved the subscriptions
     * @param orphans what is under way and belongs to none of them
     * @return what is to be done once CONNACK is written
     * @throws ResourceException if one of them cannot be resumed; some may be open then
     */
    List<Runnable> resume(List<Saved> saved, List<Orphan> orphans) {
        List<Runnable> afterwards = new ArrayList<>(saved.size());
        for (Saved s : saved) {
            lastNumber = Math.max(lastNumber, s.number());
        }
        for (Saved s : saved) {
            Cursor position = s.place().position();
            Start start = position == null ? Start.NOW : new Start.After(position);
            if (s.retirement() != null && position != null) {
                afterwards.add(resumeRetired(s, s.retirement(), position));
                continue;
            }
            Opening opening = prepare(s.options(), start, s.number(), orphans);
            opening.subscription.restoreNoLocal(s.earlierNoLocal());
            afterwards.add(opening.take(s.place()));
            if (s.place().presentDue()) {
                afterwards.add(showPresent(s.options()));
            }
        }
        resumeShares(orphans);
        return afterwards;
    }

    private void resumeShares(List<Orphan> orphans) {
        if (kept != null) {
            byFilter.values().stream()
                    .filter(MqttSubscription::isShared)
                    .forEach(subscription -> subscription.share().keepGroup().whenComplete((done, failure) -> {
                        if (failure != null) {
                            failed.accept(ResourceException.from(failure));
                        }
                    }));
            sources.resumedShares(kept.generation(), byFilter.keySet(), orphans);
        }
    }

    private Runnable resumeRetired(Saved saved, Retirement retirement, Cursor position) {
        MqttSubscription subscription = new MqttSubscription(outbound, saved.options(), saved.number(), false);
        subscription.restoreNoLocal(saved.earlierNoLocal());
        TopicFilter filter = TopicFilter.of(saved.options().filter());
        boolean over = position.position() >= retirement.upTo();
        if (over) {
            subscription.close();
        } else {
            subscription.feed(sources.follow(filter, new Start.After(position), "", subscription), false);
        }
        outbound.endings().retire(subscription, filter, retirement, position.node());
        retired.add(subscription);
        if (kept != null) {
            subscription.keep();
            outbound.keep(subscription);
            outbound.resume(subscription, saved.place());
        }
        return () -> subscription.start(demand());
    }

    /** Ends all at once, for there is no session to go on with. */
    void removeAll() {
        close();
        closed = false;
        outbound.forgetAll();
    }

    /** Those that outlive the connection, without their places. */
    List<Saved> saved() {
        List<Saved> saved = new ArrayList<>(byFilter.size() + retired.size());
        byFilter.forEach((filter, subscription) -> saved.add(saved(filter, subscription)));
        for (MqttSubscription subscription : retired) {
            saved.add(saved(subscription, subscription.place()));
        }
        saved.sort(Comparator.comparingInt(Saved::number));
        return saved;
    }

    private Saved saved(String filter, MqttSubscription subscription) {
        return saved(subscription, places.getOrDefault(filter, Flight.Place.SHARED));
    }

    private static Saved saved(MqttSubscription subscription, Flight.Place place) {
        return new Saved(
                subscription.number(),
                subscription.options(),
                place,
                subscription.earlierNoLocal(),
                subscription.retirement());
    }

    /** Closes all. */
    void close() {
        closed = true;
        byFilter.forEach((filter, subscription) -> {
            subscription.close();
            server.traffic.subscriptions(-1, SharedFilter.isShared(filter));
        });
        byFilter.clear();
        replays.values().forEach(MqttSubscription::close);
        replays.clear();
        retired.forEach(MqttSubscription::close);
        retired.clear();
        places.clear();
    }
}
