package org.millrace.plugin.mqtt.delivery;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.TopicFilter;

/**
 * The subscriptions of one client that one change can match together. A client is sent a change once however many of its
 * filters match, with the highest QoS and all their identifiers (MQTT 5 section 3.3.4); the oldest of the matching
 * subscriptions delivers it and the others stay silent, so that nothing needs to be remembered. Used by the connection's
 * event loop only.
 */
final class Overlaps {
    static final int[] NO_IDS = {};

    private final Map<String, MqttSubscription> exact = new HashMap<>(4);
    private final List<MqttSubscription> wildcards = new ArrayList<>(1);
    private final Map<MqttSubscription, TopicFilter> filters = new HashMap<>(1);
    private long lastSerial;

    void add(MqttSubscription subscription, TopicFilter filter) {
        subscription.serial(++lastSerial);
        if (filter.isExact()) {
            exact.put(filter.toString(), subscription);
        } else {
            wildcards.add(subscription);
            filters.put(subscription, filter);
        }
    }

    void remove(MqttSubscription subscription) {
        exact.remove(subscription.options().filter(), subscription);
        wildcards.remove(subscription);
        filters.remove(subscription);
    }

    /**
     * What a change is sent with.
     *
     * @param qos the highest QoS granted
     * @param retainAsPublished whether one of the subscriptions asks for it
     * @param ids their identifiers
     */
    @SuppressWarnings("ArrayRecordComponent") // made for one message, never compared
    record Terms(int qos, boolean retainAsPublished, int[] ids) {
        static Terms of(SubscriptionOptions options) {
            int[] ids = options.subscriptionId() == 0 ? NO_IDS : new int[] {options.subscriptionId()};
            return new Terms(options.qos(), options.retainAsPublished(), ids);
        }
    }

    /**
     * What a change is sent with.
     *
     * @param owner the subscription that shows the change, and wants it
     * @param change a live one
     * @param own whether the client caused it, so that subscriptions with no-local do not count
     * @return null if another subscription delivers it
     */
    @org.jspecify.annotations.Nullable
    Terms terms(MqttSubscription owner, Change change, boolean own) {
        if (wildcards.isEmpty() || owner.serial() == 0 || exact.size() + wildcards.size() == 1) {
            return Terms.of(owner.options());
        }
        SubscriptionOptions options = owner.options();
        int qos = options.qos();
        boolean retain = options.retainAsPublished();
        List<Integer> ids = new ArrayList<>(2);
        for (MqttSubscription other : matching(change)) {
            if (own && other.options().noLocal()) {
                continue;
            }
            if (other.serial() < owner.serial()) {
                return null;
            }
            qos = Math.max(qos, other.options().qos());
            retain |= other.options().retainAsPublished();
            int id = other.options().subscriptionId();
            if (id > 0 && !ids.contains(id)) {
                ids.add(id);
            }
        }
        return new Terms(qos, retain, ids.stream().mapToInt(Integer::intValue).toArray());
    }

    private List<MqttSubscription> matching(Change change) {
        List<MqttSubscription> matching = new ArrayList<>(2);
        MqttSubscription plain = exact.get(change.path().toString());
        if (plain != null) {
            matching.add(plain);
        }
        for (MqttSubscription subscription : wildcards) {
            TopicFilter filter = filters.get(subscription);
            if (filter != null && filter.matches(change.path())) {
                matching.add(subscription);
            }
        }
        return matching;
    }
}
