package org.millrace.host.extension;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.millrace.spi.plugin.ExtensionPoint;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.plugin.Registration;

/** All offers and all consumers of the host's extension points. Safe for use by any thread. */
public final class ExtensionRegistry {
    private final Object lock = new Object();
    private final Map<ExtensionPoint<?>, Point<?>> points = new HashMap<>();

    /** Starts without offers. */
    public ExtensionRegistry() {}

    /**
     * One plugin's access.
     *
     * @param pluginId the plugin
     * @return to be closed when the plugin has stopped
     */
    public PluginExtensions plugin(String pluginId) {
        return new PluginExtensions(pluginId, this);
    }

    /**
     * The offers that no running plugin, nor the host, uses.
     *
     * @return by plugin, each with a sentence about what would use it
     */
    public Map<String, List<String>> unused() {
        Map<String, List<String>> unused = new TreeMap<>();
        synchronized (lock) {
            points.forEach((point, at) -> {
                if (at.followers.isEmpty()) {
                    at.offers.forEach(offer -> unused.computeIfAbsent(offer.pluginId, _ -> new ArrayList<>())
                            .add(hint(point)));
                }
            });
        }
        unused.values().forEach(Collections::sort);
        return unused;
    }

    private static String hint(ExtensionPoint<?> point) {
        return "nobody uses its " + point.id()
                + (point.user().isEmpty() ? "" : "; start " + point.user() + ", if it is wanted");
    }

    <T> Registration offer(String pluginId, ExtensionPoint<T> point, T extension) {
        Offer<T> offer = new Offer<>(pluginId, point.type().cast(extension));
        notifyAll(point, offer, true);
        return () -> notifyAll(point, offer, false);
    }

    private <T> void notifyAll(ExtensionPoint<T> point, Offer<T> offer, boolean added) {
        List<Follower<T>> told = new ArrayList<>();
        synchronized (lock) {
            Point<T> at = at(point);
            boolean changed = added ? at.offers.add(offer) : at.offers.remove(offer);
            if (changed) {
                told.addAll(at.followers);
                told.forEach(follower -> follower.enqueue(offer, added));
            }
            dropIfUnused(point, at);
        }
        told.forEach(Follower::drain);
    }

    <T> Registration consume(String pluginId, ExtensionPoint<T> point, Extensions.Consumer<T> consumer) {
        Follower<T> follower = new Follower<>(pluginId, point.id(), consumer, lock);
        synchronized (lock) {
            Point<T> at = at(point);
            at.followers.add(follower);
            at.offers.forEach(offer -> follower.enqueue(offer, true));
        }
        follower.drain();
        return () -> {
            synchronized (lock) {
                Point<T> at = at(point);
                at.followers.remove(follower);
                follower.end();
                dropIfUnused(point, at);
            }
        };
    }

    @SuppressWarnings("unchecked") // a point is only ever stored with its own type
    private <T> Point<T> at(ExtensionPoint<T> point) {
        return (Point<T>) points.computeIfAbsent(point, p -> new Point<>());
    }

    /** Points may be constants of a plugin's classes, which must not outlive the plugin here. */
    private void dropIfUnused(ExtensionPoint<?> point, Point<?> at) {
        if (at.offers.isEmpty() && at.followers.isEmpty()) {
            points.remove(point);
        }
    }

    /** Guarded by the registry's lock. */
    private static final class Point<T> {
        final Set<Offer<T>> offers = new LinkedHashSet<>();
        final Set<Follower<T>> followers = new LinkedHashSet<>();
    }
}
