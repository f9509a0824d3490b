package org.millrace.testkit;

import java.util.ArrayList;
import java.util.List;
import org.millrace.spi.plugin.ExtensionPoint;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.plugin.Registration;

/** The offers and consumers of all plugins of one host. Guarded by its own monitor. */
final class MemoryExtensions {
    private record Offer(String pluginId, ExtensionPoint<?> point, Object extension) {}

    private record Use(ExtensionPoint<?> point, Extensions.Consumer<Object> consumer) {}

    private final List<Offer> offers = new ArrayList<>();
    private final List<Use> uses = new ArrayList<>();

    Extensions of(String pluginId) {
        return new Extensions() {
            @Override
            public <T> Registration offer(ExtensionPoint<T> point, T extension) {
                return add(new Offer(pluginId, point, extension));
            }

            @Override
            @SuppressWarnings("unchecked") // offers of a point are of the point's type
            public <T> Registration consume(ExtensionPoint<T> point, Consumer<T> consumer) {
                return add(new Use(point, (Consumer<Object>) consumer));
            }
        };
    }

    private synchronized Registration add(Offer offer) {
        offers.add(offer);
        uses.stream()
                .filter(u -> u.point.equals(offer.point))
                .forEach(u -> u.consumer.added(offer.pluginId, offer.extension));
        return () -> remove(offer);
    }

    private synchronized void remove(Offer offer) {
        if (offers.remove(offer)) {
            uses.stream()
                    .filter(u -> u.point.equals(offer.point))
                    .forEach(u -> u.consumer.removed(offer.pluginId, offer.extension));
        }
    }

    private synchronized Registration add(Use use) {
        uses.add(use);
        offers.stream()
                .filter(o -> o.point.equals(use.point))
                .forEach(o -> use.consumer.added(o.pluginId, o.extension));
        return () -> remove(use);
    }

    private synchronized void remove(Use use) {
        uses.remove(use);
    }
}
