package org.millrace.host.extension;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.Extensions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One consumer and the notifications it has not had yet. Whichever thread finds nobody at work delivers them, one at a
 * time and in order, holding no lock; a thread that comes meanwhile only leaves its notification behind.
 */
final class Follower<T> {
    private static final Logger log = LoggerFactory.getLogger(Follower.class);

    private final String pluginId;
    private final String pointId;
    private final Extensions.Consumer<T> consumer;
    private final Object lock;
    private final Queue<Notification<T>> pending = new ArrayDeque<>();
    private boolean draining;
    private boolean ended;

    /** The lock is the registry's: offers and notifications have one order. */
    Follower(String pluginId, String pointId, Extensions.Consumer<T> consumer, Object lock) {
        this.pluginId = pluginId;
        this.pointId = pointId;
        this.consumer = consumer;
        this.lock = lock;
    }

    /** Called under the lock. */
    void enqueue(Offer<T> offer, boolean added) {
        if (!ended) {
            pending.add(new Notification<>(offer, added));
        }
    }

    /** Called under the lock. No call of the consumer begins afterwards. */
    void end() {
        ended = true;
        pending.clear();
    }

    /** Delivers what is pending, unless another thread, or a caller further down this thread's stack, already does. */
    void drain() {
        synchronized (lock) {
            if (draining) {
                return;
            }
            draining = true;
        }
        for (Notification<T> next = next(); next != null; next = next()) {
            tell(next);
        }
    }

    private @Nullable Notification<T> next() {
        synchronized (lock) {
            Notification<T> next = pending.poll();
            if (next == null) {
                draining = false;
            }
            return next;
        }
    }

    private void tell(Notification<T> next) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        // The thread is the other plugin's; what the consumer looks up must come from its own classes.
        thread.setContextClassLoader(consumer.getClass().getClassLoader());
        try {
            if (next.added) {
                consumer.added(next.offer.pluginId, next.offer.extension);
            } else {
                consumer.removed(next.offer.pluginId, next.offer.extension);
            }
        } catch (RuntimeException | LinkageError e) {
            log.warn(
                    "Plugin {} failed to take the news that plugin {} {} a {}; other consumers are not affected. Check"
                            + " that the two plugins' versions fit",
                    pluginId,
                    next.offer.pluginId,
                    next.added ? "offers" : "no longer offers",
                    pointId,
                    e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private record Notification<T>(Offer<T> offer, boolean added) {}
}
