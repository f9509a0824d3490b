package org.millrace.plugin.mqtt.connection;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.millrace.plugin.mqtt.MqttConfig;
import org.millrace.plugin.mqtt.codec.ReasonCode;

/**
 * How often clients may connect: all together, and each by its client identifier, as when two devices that were given the
 * same one take it from each other for ever. What is refused is told to the log once a minute. Safe for use by any thread;
 * the lock is held for a look-up only.
 */
final class ConnectRates {
    /** More clients than these are not remembered one by one. */
    private static final int REMEMBERED = 100_000;

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final int SERVER_UNAVAILABLE = 3;

    private final MqttConfig config;
    private final RateLimit all;
    private final LongConsumer refusedInAMinute;
    private final Map<String, RateLimit> byClient = new LinkedHashMap<>(0, 0.75f, true);
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong nextReport = new AtomicLong(System.nanoTime());

    /**
     * Starts without a memory.
     *
     * @param config the limits
     * @param refusedInAMinute told how many were refused since it was told last
     */
    ConnectRates(MqttConfig config, LongConsumer refusedInAMinute) {
        this.config = config;
        this.all = new RateLimit(config.maxTotalConnectRate(), System.nanoTime());
        this.refusedInAMinute = refusedInAMinute;
    }

    /**
     * Counts a CONNECT.
     *
     * @param clientId whose; may be empty
     * @throws ConnectRefused if it comes too soon; already reported
     */
    void count(String clientId) {
        long now = System.nanoTime();
        if (!all.allow(now)) {
            refuse(now, "more than " + config.maxTotalConnectRate() + " clients connect a second; try again later");
        }
        if (config.maxConnectRate() > 0
                && !clientId.isEmpty()
                && !of(clientId, now).allow(now)) {
            refuse(
                    now,
                    "client '" + clientId + "' connects more than " + config.maxConnectRate()
                            + " times a second; try again later, and see that no other client has its identifier");
        }
    }

    private RateLimit of(String clientId, long now) {
        synchronized (byClient) {
            RateLimit known = byClient.computeIfAbsent(clientId, id -> new RateLimit(config.maxConnectRate(), now));
            // The one that connected longest ago is first, and mostly needs to be remembered no more.
            var first = byClient.entrySet().iterator();
            if (byClient.size() > REMEMBERED
                    || (byClient.size() > 1 && first.next().getValue().isIdle(now))) {
                byClient.remove(byClient.keySet().iterator().next());
            }
            return known;
        }
    }

    private void refuse(long now, String reason) {
        refused.incrementAndGet();
        long due = nextReport.get();
        if (now - due >= 0 && nextReport.compareAndSet(due, now + MINUTE)) {
            refusedInAMinute.accept(refused.getAndSet(0));
        }
        throw new ConnectRefused(ReasonCode.CONNECTION_RATE_EXCEEDED, SERVER_UNAVAILABLE, reason, true);
    }
}
