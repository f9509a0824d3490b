package org.millrace.examples.coap;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.network.KeyMID;
import org.eclipse.californium.core.network.deduplication.Deduplicator;
import org.jspecify.annotations.Nullable;

/**
 * Recognises requests that come twice because their acknowledgement was lost (RFC 7252 section 4.5). It knows a fixed
 * number of requests and forgets the oldest for the newest, whoever sent them: a flood makes it forget sooner, but not
 * grow. Safe for use by any thread.
 */
final class RecentRequests implements Deduplicator {
    private final int most;
    private final long lifetimeNanos;
    /** In the order of their arrival. */
    private final Map<KeyMID, Exchange> known = new LinkedHashMap<>();

    RecentRequests(int most, long lifetimeNanos) {
        this.most = most;
        this.lifetimeNanos = lifetimeNanos;
    }

    @Override
    public synchronized @Nullable Exchange findPrevious(KeyMID key, Exchange exchange) {
        forget(exchange.getNanoTimestamp());
        Exchange previous = known.putIfAbsent(key, exchange);
        if (known.size() > most) {
            removeOldest();
        }
        return previous;
    }

    @Override
    public synchronized boolean replacePrevious(KeyMID key, Exchange previous, Exchange exchange) {
        Exchange now = known.get(key);
        if (now != null && now != previous) {
            return false;
        }
        known.put(key, exchange);
        return true;
    }

    /** What is old enough is at the beginning. */
    private void forget(long now) {
        while (!known.isEmpty() && now - known.values().iterator().next().getNanoTimestamp() > lifetimeNanos) {
            removeOldest();
        }
    }

    private void removeOldest() {
        var oldest = known.keySet().iterator();
        oldest.next();
        oldest.remove();
    }

    @Override
    public synchronized @Nullable Exchange find(KeyMID key) {
        return known.get(key);
    }

    @Override
    public synchronized boolean isEmpty() {
        return known.isEmpty();
    }

    @Override
    public synchronized int size() {
        return known.size();
    }

    @Override
    public synchronized void clear() {
        known.clear();
    }

    @Override
    public void start() {
        // There is nothing to run: the old goes when the new comes.
    }

    @Override
    public void stop() {
        clear();
    }

    @Override
    public void setExecutor(ScheduledExecutorService executor) {
        // See start.
    }
}
