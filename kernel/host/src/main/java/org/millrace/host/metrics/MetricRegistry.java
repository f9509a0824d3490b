package org.millrace.host.metrics;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.millrace.spi.plugin.Metrics;
import org.millrace.spi.plugin.Registration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All metrics of a host, and their text in the Prometheus exposition format 0.0.4. Safe for use by any thread. Making
 * and reading metrics takes a lock; counting does not.
 */
public final class MetricRegistry {
    /** The media type of {@link #text()}. */
    public static final String MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final Logger log = LoggerFactory.getLogger(MetricRegistry.class);
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*");

    private final SortedMap<String, Family> families = new TreeMap<>();

    /** Starts without metrics. */
    public MetricRegistry() {}

    /**
     * A number that only grows.
     *
     * @param name the full name, without {@code _total}
     * @param doc one sentence
     * @param labels names and values; the same as of all metrics of this name
     * @return the counter; the same object for the same name and labels
     * @throws IllegalArgumentException if the name is malformed or a gauge's
     */
    public Metrics.Counter counter(String name, String doc, Map<String, String> labels) {
        synchronized (families) {
            Family family = family(name + "_total", "counter", doc);
            return (CounterCell) family.cells.computeIfAbsent(labels(labels), text -> new CounterCell());
        }
    }

    /**
     * A number that is read when asked for. A newer gauge of the same name and labels takes the place of an older.
     *
     * @param name the full name, with the unit last
     * @param doc one sentence
     * @param labels names and values; the same as of all metrics of this name
     * @param value called by any thread; must not block
     * @return closing it removes the gauge, unless a newer has taken its place
     * @throws IllegalArgumentException if the name is malformed or a counter's
     */
    public Registration gauge(String name, String doc, Map<String, String> labels, LongSupplier value) {
        String text = labels(labels);
        GaugeCell gauge = new GaugeCell(value);
        synchronized (families) {
            family(name, "gauge", doc).cells.put(text, gauge);
        }
        return () -> remove(name, text, gauge);
    }

    /**
     * Removes a counter, for what has gone. A holder may go on counting; nobody sees it.
     *
     * @param name as given to {@link #counter}
     * @param labels as given to {@link #counter}
     */
    public void removeCounter(String name, Map<String, String> labels) {
        synchronized (families) {
            Family family = families.get(name + "_total");
            Cell cell = family == null ? null : family.cells.get(labels(labels));
            if (cell != null) {
                remove(name + "_total", labels(labels), cell);
            }
        }
    }

    private void remove(String name, String labels, Cell cell) {
        synchronized (families) {
            Family family = families.get(name);
            if (family != null && family.cells.remove(labels, cell) && family.cells.isEmpty()) {
                families.remove(name);
            }
        }
    }

    /**
     * All metrics, for a scraper.
     *
     * @return in the format of {@link #MEDIA_TYPE}
     */
    public String text() {
        SortedMap<String, Family> now = new TreeMap<>();
        synchronized (families) {
            families.forEach((name, family) -> now.put(name, family.copy()));
        }
        // Gauges are foreign code: calling them under the lock could deadlock with a plugin that makes a metric.
        StringBuilder out = new StringBuilder(4096);
        now.forEach((name, family) -> family.write(name, out));
        return out.toString();
    }

    private Family family(String name, String type, String doc) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "'" + name + "' is no name of a metric; write lower case words parted by single underscores");
        }
        Family family = families.computeIfAbsent(name, n -> new Family(type, doc));
        if (!family.type.equals(type)) {
            throw new IllegalArgumentException("metric " + name + " is a " + family.type + ", not a " + type);
        }
        return family;
    }

    private static String labels(Map<String, String> labels) {
        if (labels.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder("{");
        new TreeMap<>(labels)
                .forEach((name, value) -> text.append(text.length() > 1 ? "," : "")
                        .append(name)
                        .append("=\"")
                        .append(escaped(value).replace("\"", "\\\""))
                        .append('"'));
        return text.append('}').toString();
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\n", "\\n");
    }

    private record Family(String type, String doc, SortedMap<String, Cell> cells) {
        Family(String type, String doc) {
            this(type, doc, new TreeMap<>());
        }

        Family copy() {
            return new Family(type, doc, new TreeMap<>(cells));
        }

        void write(String name, StringBuilder out) {
            out.append("# HELP ").append(name).append(' ').append(escaped(doc)).append('\n');
            out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
            cells.forEach((labels, cell) -> {
                try {
                    long value = cell.value();
                    out.append(name).append(labels).append(' ').append(value).append('\n');
                } catch (RuntimeException e) {
                    log.warn("Gauge {} cannot be read and is left out; report this to the plugin's author", name, e);
                }
            });
        }
    }

    private sealed interface Cell {
        long value();
    }

    private static final class CounterCell implements Cell, Metrics.Counter {
        private final LongAdder sum = new LongAdder();

        @Override
        public void add(long n) {
            if (n < 0) {
                throw new IllegalArgumentException("a counter cannot be lowered by " + -n);
            }
            sum.add(n);
        }

        @Override
        public long value() {
            return sum.sum();
        }
    }

    /** Compared by identity: two gauges may read the same number. */
    private static final class GaugeCell implements Cell {
        private final LongSupplier source;

        GaugeCell(LongSupplier source) {
            this.source = source;
        }

        @Override
        public long value() {
            return source.getAsLong();
        }
    }
}
