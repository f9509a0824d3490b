package org.millrace.plugin.mqtt.delivery;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.mapping.Format;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.TopicFilter;

/**
 * The subscriptions of one client that one change can match together. A client is sent a change once however many of its
 * filters match, with the highest QoS and all their identifiers (MQTT 5 section 3.3.4); the oldest of the matching
 * subscriptions delivers it and the others stay silent, so that nothing needs to be remembered. An event that is journaled
 * nowhere may miss the oldest, if that has no demand just then: the first that is shown it delivers it ({@link Passing}).
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
    private final Passing passing = new Passing();

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
        passing.clear();
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
     * @param format of the oldest
     */
    @SuppressWarnings("ArrayRecordComponent") // made for one message, never compared
    record Terms(int qos, boolean retainAsPublished, int[] ids, Format format) {
        static Terms of(SubscriptionOptions options) {
            int[] ids = options.subscriptionId() == 0 ? NO_IDS : new int[] {options.subscriptionId()};
            return new Terms(options.qos(), options.retainAsPublished(), ids, options.format());
        }

        /** All at once; at least one. */
        static Terms of(List<MqttSubscription> wanting) {
            int qos = 0;
            boolean retain = false;
            int[] ids = new int[wanting.size()];
            int count = 0;
            MqttSubscription oldest = wanting.getFirst();
            for (MqttSubscription subscription : wanting) {
                SubscriptionOptions options = subscription.options();
                qos = Math.max(qos, options.qos());
                retain |= options.retainAsPublished();
                oldest = subscription.number() < oldest.number() ? subscription : oldest;
                int id = options.subscriptionId();
                if (id > 0 && Arrays.stream(ids, 0, count).noneMatch(known -> known == id)) {
                    ids[count++] = id;
                }
            }
            return new Terms(
                    qos, retain, Arrays.copyOf(ids, count), oldest.options().format());
        }

        /** These, delivered by a subscription that the client has ended. */
        Terms atLeast(SubscriptionOptions ended) {
            return new Terms(
                    Math.max(qos, ended.qos()), retainAsPublished || ended.retainAsPublished(), ids, ended.format());
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
        if (Passing.is(change)) {
            return owner.retirement() == null ? termsOfPassing(change, own) : null;
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
        List<MqttSubscription> wanting = new ArrayList<>(3);
        for (MqttSubscription other : matching(change.path())) {
            if (other.number() > lastNumber || own && other.leavesOutOwn(change)) {
                continue;
            }
            if (other.number() < owner.number()) {
                return null;
            }
            wanting.add(other);
        }
        if (wanting.isEmpty()) {
            return null;
        }
        Terms terms = Terms.of(wanting);
        return retirement == null ? terms : terms.atLeast(owner.options());
    }

    private @Nullable Terms termsOfPassing(Change event, boolean own) {
        List<MqttSubscription> wanting = new ArrayList<>(3);
        for (MqttSubscription other : matching(event.path())) {
            if (!(own && other.leavesOutOwn(event))) {
                wanting.add(other);
            }
        }
        if (wanting.isEmpty() || !passing.isFirst(event, wanting.size())) {
            return null;
        }
        return Terms.of(wanting);
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
