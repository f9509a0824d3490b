package org.millrace.plugin.mqtt.delivery;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.TopicFilter;

/**
 * The subscriptions of one client that one change can match together. A client is sent a change once however many of its
 * filters match, with the highest QoS and all their identifiers (MQTT 5 section 3.3.4); the oldest of the matching
 * subscriptions delivers it and the others stay silent, so that nothing needs to be remembered.
 *
 * <p>One that the client ends stays the oldest for the changes up to its {@link Retirement}, whether it has come to them
 * or not, as long as another may come to them. What was never journaled has no place among the changes and is no
 * concern of a retired one: it reached all subscriptions when it happened.
 *
 * <p>Used by the connection's event loop only.
 */
final class Overlaps {
    static final int[] NO_IDS = {};

    private final Map<String, MqttSubscription> exact = new HashMap<>(4);
    private final Map<MqttSubscription, TopicFilter> wildcards = new LinkedHashMap<>(1);
    private final Map<MqttSubscription, TopicFilter> retired = new LinkedHashMap<>(0);

    void add(MqttSubscription subscription, TopicFilter filter) {
        if (filter.isExact()) {
            exact.put(filter.toString(), subscription);
        } else {
            wildcards.put(subscription, filter);
        }
    }

    /** Adds one that has a retirement. */
    void retire(MqttSubscription subscription, TopicFilter filter) {
        retired.put(subscription, filter);
    }

    void remove(MqttSubscription subscription) {
        exact.remove(subscription.options().filter(), subscription);
        wildcards.remove(subscription);
        retired.remove(subscription);
    }

    void clear() {
        exact.clear();
        wildcards.clear();
        retired.clear();
    }

    /** Those the client has ended. */
    Collection<MqttSubscription> retired() {
        return retired.keySet();
    }

    /** Whether a change can match a filter and one of the subscriptions; may say so where none can. */
    boolean meets(TopicFilter filter) {
        if (!filter.isExact()) {
            return !wildcards.isEmpty() || exact.keySet().stream().anyMatch(filter::matches);
        }
        return exact.containsKey(filter.toString())
                || wildcards.values().stream().anyMatch(other -> other.matches(filter.toString()));
    }

    /** Whether a subscription that is not younger than a number matches. */
    boolean isWanted(Path path, int lastNumber) {
        return matching(path).stream().anyMatch(other -> other.number() <= lastNumber);
    }

    /** The furthest position of a subscription that has not ended. */
    long furthest() {
        long furthest = 0;
        for (MqttSubscription subscription : exact.values()) {
            furthest = Math.max(furthest, subscription.position());
        }
        for (MqttSubscription subscription : wildcards.keySet()) {
            furthest = Math.max(furthest, subscription.position());
        }
        return furthest;
    }

    /** From where on a reconnect may show changes again. */
    long leastPlace() {
        long least = Long.MAX_VALUE;
        for (MqttSubscription subscription : exact.values()) {
            least = Math.min(least, subscription.placePosition());
        }
        for (MqttSubscription subscription : wildcards.keySet()) {
            least = Math.min(least, subscription.placePosition());
        }
        for (MqttSubscription subscription : retired.keySet()) {
            if (!subscription.isClosed()) {
                least = Math.min(least, subscription.placePosition());
            }
        }
        return least;
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
     * @return null if another subscription delivers it, or none has to
     */
    @Nullable
    Terms terms(MqttSubscription owner, Change change, boolean own) {
        if (retired.isEmpty() && (wildcards.isEmpty() || owner.standsAlone() || exact.size() + wildcards.size() == 1)) {
            return Terms.of(owner.options());
        }
        if (owner.standsAlone()) {
            return Terms.of(owner.options());
        }
        return isLeftToRetired(owner, change, own) ? null : termsOfMatching(owner, change, own);
    }

    private boolean isLeftToRetired(MqttSubscription owner, Change change, boolean own) {
        if (!change.isJournaled()) {
            return owner.retirement() != null;
        }
        for (Map.Entry<MqttSubscription, TopicFilter> entry : retired.entrySet()) {
            MqttSubscription other = entry.getKey();
            Retirement retirement = other.retirement();
            boolean covers = retirement != null
                    && change.cursor().position() <= retirement.upTo()
                    && !(own && other.leavesOutOwn(change))
                    && entry.getValue().matches(change.path());
            if (other == owner ? !covers : covers && other.number() < owner.number()) {
                return true;
            }
        }
        return false;
    }

    private @Nullable Terms termsOfMatching(MqttSubscription owner, Change change, boolean own) {
        Retirement retirement = owner.retirement();
        int lastNumber = retirement == null ? Integer.MAX_VALUE : retirement.lastNumber();
        boolean wanted = false;
        int qos = owner.options().qos();
        boolean retain = owner.options().retainAsPublished();
        List<Integer> ids = new ArrayList<>(2);
        for (MqttSubscription other : matching(change.path())) {
            if (other.number() > lastNumber || own && other.leavesOutOwn(change)) {
                continue;
            }
            if (other.number() < owner.number()) {
                return null;
            }
            wanted = true;
            qos = Math.max(qos, other.options().qos());
            retain |= other.options().retainAsPublished();
            int id = other.options().subscriptionId();
            if (id > 0 && !ids.contains(id)) {
                ids.add(id);
            }
        }
        return wanted
                ? new Terms(
                        qos, retain, ids.stream().mapToInt(Integer::intValue).toArray())
                : null;
    }

    private List<MqttSubscription> matching(Path path) {
        List<MqttSubscription> matching = new ArrayList<>(2);
        MqttSubscription plain = exact.get(path.toString());
        if (plain != null) {
            matching.add(plain);
        }
        wildcards.forEach((subscription, filter) -> {
            if (filter.matches(path)) {
                matching.add(subscription);
            }
        });
        return matching;
    }
}
