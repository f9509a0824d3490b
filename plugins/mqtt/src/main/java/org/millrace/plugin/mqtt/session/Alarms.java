package org.millrace.plugin.mqtt.session;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.PluginContext;

/**
 * When something is due of sessions that wait: an hour for a client id, and one timer for all of them. What is due is
 * done a few at a time, on the plugin's executor. Safe for use by any thread; never blocks.
 */
final class Alarms {
    /** Hours are rounded up to this, so that many of them share an entry. */
    private static final long GRAIN_MILLIS = 100;
    /** How many are being seen to at once. */
    private static final int AT_ONCE = 256;

    private final PluginContext context;
    private final Function<String, CompletionStage<?>> due;
    private final TreeMap<Long, Set<String>> byHour = new TreeMap<>();
    private @Nullable ScheduledFuture<?> timer;
    private long timerMillis = Long.MAX_VALUE;
    private boolean ringing;
    private boolean stopped;

    /**
     * Makes one without alarms.
     *
     * @param due sees to a client's session, on a thread that may block; the next ones wait for what it returns
     */
    Alarms(PluginContext context, Function<String, CompletionStage<?>> due) {
        this.context = context;
        this.due = due;
    }

    /** An alarm goes off once, at its hour or a little later, unless it is removed. */
    synchronized void set(String clientId, long dueMillis) {
        if (dueMillis == Long.MAX_VALUE) {
            return;
        }
        long hour = hour(dueMillis);
        byHour.computeIfAbsent(hour, h -> new HashSet<>(2)).add(clientId);
        if (hour < timerMillis) {
            plan();
        }
    }

    /** Removes an alarm, if there is one for the client at that time. */
    synchronized void remove(String clientId, long dueMillis) {
        if (dueMillis == Long.MAX_VALUE) {
            return;
        }
        byHour.computeIfPresent(hour(dueMillis), (h, clients) -> {
            clients.remove(clientId);
            return clients.isEmpty() ? null : clients;
        });
    }

    /** How many have been set and have not gone off. */
    synchronized int count() {
        return byHour.values().stream().mapToInt(Set::size).sum();
    }

    /** None goes off any more. */
    synchronized void stop() {
        stopped = true;
        byHour.clear();
        cancel();
    }

    private static long hour(long dueMillis) {
        return Math.ceilDiv(dueMillis, GRAIN_MILLIS) * GRAIN_MILLIS;
    }

    private void cancel() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        timerMillis = Long.MAX_VALUE;
    }

    /** Called with the lock. */
    private void plan() {
        cancel();
        if (stopped || ringing || byHour.isEmpty() || context.scheduler().isShutdown()) {
            return;
        }
        timerMillis = byHour.firstKey();
        long delay = Math.max(0, timerMillis - context.clock().millis());
        timer = context.scheduler().schedule(this::ring, delay, TimeUnit.MILLISECONDS);
    }

    private synchronized void ring() {
        if (!stopped && !ringing) {
            ringing = true;
            context.executor().execute(this::goOff);
        }
    }

    /** Sees to all that is due by now. */
    private void goOff() {
        try {
            for (List<String> clients = take(); !clients.isEmpty(); clients = take()) {
                CompletableFuture<?>[] underWay = clients.stream()
                        .map(client -> due.apply(client).toCompletableFuture())
                        .toArray(CompletableFuture[]::new);
                // What fails has said so, and is due again by what is kept of it.
                CompletableFuture.allOf(underWay)
                        .handle((done, failure) -> failure)
                        .join();
            }
        } finally {
            synchronized (this) {
                ringing = false;
                plan();
            }
        }
    }

    private synchronized List<String> take() {
        List<String> taken = new ArrayList<>();
        long now = context.clock().millis();
        while (!byHour.isEmpty() && byHour.firstKey() <= now && taken.size() < AT_ONCE) {
            Set<String> clients = byHour.firstEntry().getValue();
            var each = clients.iterator();
            while (each.hasNext() && taken.size() < AT_ONCE) {
                taken.add(each.next());
                each.remove();
            }
            if (clients.isEmpty()) {
                byHour.pollFirstEntry();
            }
        }
        return taken;
    }
}
