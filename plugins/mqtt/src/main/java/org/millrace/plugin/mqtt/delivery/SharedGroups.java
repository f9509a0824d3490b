package org.millrace.plugin.mqtt.delivery;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.ConcurrentHashMap;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;

/**
 * The shared subscriptions of all clients (MQTT 5 section 4.8). A group is the members of one share name, one topic
 * filter and one user, for each member sees with the grants of the group. It lasts while a member is connected. Safe for
 * use by any thread.
 */
public final class SharedGroups {
    private final PluginContext context;
    private final ConcurrentHashMap<Key, SharedGroup> groups = new ConcurrentHashMap<>();

    /**
     * Makes a registry without groups.
     *
     * @param context opens the groups' views
     */
    public SharedGroups(PluginContext context) {
        this.context = context;
    }

    /**
     * What makes a group.
     *
     * @param user the members' identity
     * @param share the share's name
     * @param filter what they share
     */
    private record Key(String user, String share, TopicFilter filter) {}

    /**
     * Adds a member.
     *
     * @param view the member's own, which says whether it may subscribe
     * @param via where the member comes from
     * @param share the share's name
     * @param filter what is shared
     * @param member receives its part on its event loop
     * @param loop the member's event loop
     * @return the membership, whose demand is the member's part; closing it leaves the group
     * @throws ResourceException if the member may not subscribe
     */
    public Subscription join(
            Resources view,
            ConnectionInfo via,
            String share,
            TopicFilter filter,
            MqttSubscription member,
            EventExecutor loop) {
        view.subscribe(SubscribeRequest.every(filter, Start.NOW), Refusing.INSTANCE)
                .close();
        Key key = new Key(view.identity().name(), share, filter);
        while (true) {
            SharedGroup group = groups.computeIfAbsent(
                    key,
                    k -> SharedGroup.open(
                            executor -> context.resources(view.identity(), via.withClientId(""), executor),
                            filter,
                            loop,
                            gone -> groups.remove(k, gone)));
            Subscription membership = group.join(member, loop);
            if (membership != null) {
                return membership;
            }
            groups.remove(key, group);
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
