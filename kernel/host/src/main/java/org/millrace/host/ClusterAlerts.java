package org.millrace.host;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.millrace.content.Value;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an operator should look at, each as a resource of its own below {@code $sys/alerts/cluster/}, for as long as it
 * lasts. Looks once a second, and tells subscribers when one begins and when it is over. Safe for use by any thread.
 */
final class ClusterAlerts implements AutoCloseable {
    /** What the paths of the alerts begin with. */
    static final String FOLDER = "$sys/alerts/cluster/";

    private static final Logger log = LoggerFactory.getLogger(ClusterAlerts.class);
    private static final long EVERY_MILLIS = 1_000;

    private final Supplier<? extends Collection<String>> alerts;
    private final BiConsumer<String, Value> tell;
    private final Clock clock;
    private final ScheduledThreadPoolExecutor timer;
    private volatile SortedMap<String, Alert> present = new TreeMap<>();

    /** One of them, and since when. */
    private record Alert(String text, Instant since) {
        Value value(boolean over, Instant now) {
            Map<String, Value> fields = new LinkedHashMap<>();
            fields.put("alert", new Value.Text(text));
            fields.put("since", new Value.Text(since.toString()));
            if (over) {
                fields.put("over", new Value.Text(now.toString()));
            }
            return new Value.Struct(fields);
        }
    }

    /**
     * Makes it; {@link #start} begins.
     *
     * @param alerts what there is now, in words
     * @param tell given the path and the value of an alert that begins, or is over; does not wait
     */
    ClusterAlerts(Supplier<? extends Collection<String>> alerts, BiConsumer<String, Value> tell, Clock clock) {
        this.alerts = alerts;
        this.tell = tell;
        this.clock = clock;
        this.timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("millrace-cluster-alerts").daemon().factory());
    }

    /** Begins to look. */
    void start() {
        var _ = timer.scheduleWithFixedDelay(this::lookOrSay, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void lookOrSay() {
        try {
            look();
        } catch (RuntimeException e) {
            log.warn("The cluster's alerts are not known at present: {}", e.getMessage());
        }
    }

    /** Finds out what has begun and what is over. */
    synchronized void look() {
        Instant now = clock.instant();
        SortedMap<String, Alert> before = present;
        SortedMap<String, Alert> found = new TreeMap<>();
        for (String text : alerts.get()) {
            String name = name(text);
            Alert known = before.get(name);
            found.put(name, new Alert(text, known == null ? now : known.since()));
        }
        present = found;
        found.forEach((name, alert) -> {
            if (!before.containsKey(name)) {
                tell.accept(FOLDER + name, alert.value(false, now));
            }
        });
        before.forEach((name, alert) -> {
            if (!found.containsKey(name)) {
                tell.accept(FOLDER + name, alert.value(true, now));
            }
        });
    }

    /** The same for alerts that differ in their figures only, so that one which lasts stays one. */
    private static String name(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.replaceAll("[0-9]+", "0").getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }

    /** The alerts there are, by the last of their paths. */
    SortedMap<String, Value> values() {
        SortedMap<String, Value> values = new TreeMap<>();
        present.forEach((name, alert) -> values.put(name, alert.value(false, alert.since())));
        return values;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
