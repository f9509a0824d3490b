package org.millrace.plugin.mqtt.connection;

import io.netty.util.concurrent.EventExecutor;
import java.util.Collection;
import java.util.List;
import org.millrace.plugin.mqtt.delivery.MqttSubscription;
import org.millrace.plugin.mqtt.delivery.Orphan;
import org.millrace.plugin.mqtt.delivery.SharedFilter;
import org.millrace.plugin.mqtt.delivery.SharedGroups;
import org.millrace.plugin.mqtt.delivery.SubscriptionOptions;
import org.millrace.plugin.mqtt.system.SystemTopics;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;

/** Where one connection's subscriptions get their changes from. Used by the connection's event loop only. */
final class Sources {
    private final MqttServer server;
    private final Resources resources;
    private final ConnectionInfo via;
    private final EventExecutor loop;

    Sources(MqttServer server, Resources resources, ConnectionInfo via, EventExecutor loop) {
        this.server = server;
        this.resources = resources;
        this.via = via;
        this.loop = loop;
    }

    /** Follows the records and events, or the server's own figures; the query is empty for all of them. */
    Subscription follow(TopicFilter filter, Start start, String query, MqttSubscription subscription) {
        boolean system = SystemTopics.concerns(filter.toString());
        if (query.isEmpty()) {
            return system
                    ? server.systemTopics.subscribe(resources, filter, start, subscription, loop)
                    : resources.subscribe(SubscribeRequest.every(filter, start), subscription);
        }
        if (system) {
            throw new ResourceException(
                    ErrorCode.UNSUPPORTED, "user property 'query': '" + filter + "' are no records");
        }
        try {
            return resources.subscribe(SubscribeRequest.every(filter, start).withQuery(query), subscription);
        } catch (ResourceException e) {
            if (e.code() != ErrorCode.INVALID) {
                throw e;
            }
            // Not the filter is wrong, as SUBACK's code for what is invalid would say.
            throw new ResourceException(ErrorCode.UNSUPPORTED, "user property 'query': " + e.getMessage(), e);
        }
    }

    private static ResourceException sharedQuery(String filter) {
        return new ResourceException(
                ErrorCode.UNSUPPORTED,
                "shared subscription '" + filter + "' has a query; each member would know a part of the result only");
    }

    /**
     * Joins the group that the filter of a shared subscription names.
     *
     * @param session the name of the session's durable state; empty if it has none
     * @param orphans what the session has under way that belongs to no subscription
     */
    Subscription share(
            SubscriptionOptions options, MqttSubscription subscription, String session, List<Orphan> orphans) {
        String text = options.filter();
        SharedFilter shared = SharedFilter.parse(text);
        if (!options.query().isEmpty()) {
            throw sharedQuery(text);
        }
        if (SystemTopics.concerns(shared.filter().toString())) {
            throw new ResourceException(
                    ErrorCode.INVALID,
                    "'" + text + "': topics under $SYS are shown to each client; they cannot be shared");
        }
        return server.shares.join(
                shared, new SharedGroups.Member(resources, via, loop, session, orphans), subscription);
    }

    /** The session goes on with these filters; groups of others it has left. */
    void resumedShares(String session, Collection<String> filters, List<Orphan> orphans) {
        server.shares.resumed(session, resources.identity().name(), filters, orphans);
    }

    /** The session has ended a shared subscription. */
    void leaveShare(String session, String filter) {
        server.shares.leave(session, resources.identity().name(), filter);
    }
}
