package org.millrace.plugin.amqp.link;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.qpid.proton.amqp.DescribedType;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * What a receiver asks for beside its address, by the filters of its source (AMQP 1.0 section 3.5.8). Filters that are
 * not known are left out of what is granted.
 */
public final class SourceFilters {
    private static final Map<String, String> NAMES = new HashMap<>();

    static {
        NAMES.put("apache.org:selector-filter:string", "selector");
        NAMES.put("77567109365764", "selector"); // 0x0000468C00000004
        NAMES.put("apache.org:no-local-filter:list", "no-local");
        NAMES.put("77567109365763", "no-local"); // 0x0000468C00000003
        NAMES.put("rabbitmq:stream-offset-spec", "offset");
        NAMES.put("millrace:start", "start");
        NAMES.put("millrace:policy", "policy");
        NAMES.put("millrace:query", "query");
        NAMES.put("millrace:accept", "accept");
    }

    /** Event Hubs' way to say where to start. */
    private static final Pattern ANNOTATION_SELECTOR = Pattern.compile(
            "\\s*amqp\\.annotation\\.(x-opt-offset|x-opt-sequence-number|x-opt-enqueued-time|x-opt-enqueuedtimeutc)"
                    + "\\s*(>=|>)\\s*'?([^']*?)'?\\s*");

    private static final Pattern INTERVAL = Pattern.compile("([0-9]{1,6})([YMDhms])");

    private final Instant now;
    private final Map<Symbol, Object> granted = new LinkedHashMap<>();
    private String selector = "";
    private String query = "";
    private boolean noLocal;
    private boolean latest;
    private @Nullable MediaType accept;
    private @Nullable StartAt start;

    private SourceFilters(Instant now) {
        this.now = now;
    }

    /** Where a receiver wants to start. */
    public sealed interface StartAt {
        /** The records' present state, then changes. */
        record Current() implements StartAt {}

        /** Changes from now on. */
        record Now() implements StartAt {}

        /** The oldest change that is kept. */
        record Oldest() implements StartAt {}

        /** The newest change there is. */
        record Newest() implements StartAt {}

        /**
         * A place that was given out.
         *
         * @param text the cursor's text
         */
        record Behind(String text) implements StartAt {}

        /**
         * Behind a number.
         *
         * @param number the sequence number of the last change that is not wanted
         */
        record BehindNumber(long number) implements StartAt {}

        /**
         * From a time on.
         *
         * @param instant the time
         */
        record Since(Instant instant) implements StartAt {}
    }

    /**
     * Reads the filters of a source.
     *
     * @param filters as they came; null for none
     * @param now the time, from which some of them count back
     * @return what they ask for
     * @throws ResourceException {@link ErrorCode#INVALID} for a known filter with a value that makes no sense
     */
    public static SourceFilters parse(@Nullable Map<?, ?> filters, Instant now) {
        SourceFilters result = new SourceFilters(now);
        if (filters != null) {
            filters.forEach((key, value) -> result.add(String.valueOf(key), value));
        }
        return result;
    }

    private void add(String key, @Nullable Object value) {
        Object content = value instanceof DescribedType described ? described.getDescribed() : value;
        String name = value instanceof DescribedType described
                ? NAMES.get(String.valueOf(described.getDescriptor()))
                : NAMES.get(key);
        if (name == null || value == null) {
            return;
        }
        switch (name) {
            case "selector" -> selector(text(key, content));
            case "no-local" -> noLocal = true;
            case "offset" -> start = offset(content);
            case "start" -> start = start(content);
            case "policy" -> latest = policy(text(key, content));
            case "query" -> query = text(key, content);
            case "accept" -> accept = MediaType.parse(text(key, content));
            default -> throw new IllegalStateException(name);
        }
        granted.put(Symbol.valueOf(key), value);
    }

    /**
     * The filters of a subscription that is known.
     *
     * @param selector its selector; empty for none
     * @param noLocal whether it leaves the client's own changes out
     * @return filters that are not echoed
     */
    public static SourceFilters of(String selector, boolean noLocal) {
        SourceFilters result = new SourceFilters(Instant.EPOCH);
        result.selector = selector;
        result.noLocal = noLocal;
        return result;
    }

    private static String text(String key, @Nullable Object content) {
        if (content instanceof String || content instanceof Symbol) {
            return content.toString();
        }
        throw new ResourceException(ErrorCode.INVALID, "filter '" + key + "' has to be a string");
    }

    private void selector(String text) {
        Matcher place = ANNOTATION_SELECTOR.matcher(text);
        if (!place.matches()) {
            selector = text;
            return;
        }
        boolean inclusive = place.group(2).equals(">=");
        String value = place.group(3);
        try {
            start = switch (place.group(1)) {
                case "x-opt-offset" -> offset(value, inclusive);
                case "x-opt-sequence-number" -> new StartAt.BehindNumber(Long.parseLong(value) - (inclusive ? 1 : 0));
                default -> new StartAt.Since(Instant.ofEpochMilli(Long.parseLong(value) + (inclusive ? 0 : 1)));
            };
        } catch (NumberFormatException e) {
            throw new ResourceException(ErrorCode.INVALID, "selector '" + text + "': '" + value + "' is no number");
        }
    }

    private static StartAt offset(String value, boolean inclusive) {
        return switch (value) {
            case "-1" -> new StartAt.Oldest();
            case "@latest" -> new StartAt.Now();
            default -> {
                if (value.indexOf('.') < 0) {
                    yield new StartAt.BehindNumber(Long.parseLong(value) - (inclusive ? 1 : 0));
                }
                yield new StartAt.Behind(value);
            }
        };
    }

    /** RabbitMQ's streams: first, last, next, an offset, a time, or how long ago. */
    private StartAt offset(@Nullable Object content) {
        return switch (content) {
            case Date time -> new StartAt.Since(time.toInstant());
            case UnsignedLong number -> new StartAt.BehindNumber(number.longValue() - 1);
            case Number number -> new StartAt.BehindNumber(number.longValue() - 1);
            case null, default ->
                switch (String.valueOf(content)) {
                    case "first" -> new StartAt.Oldest();
                    case "last" -> new StartAt.Newest();
                    case "next" -> new StartAt.Now();
                    default -> new StartAt.Since(now.minus(interval(String.valueOf(content))));
                };
        };
    }

    private static Duration interval(String text) {
        Matcher interval = INTERVAL.matcher(text);
        if (!interval.matches()) {
            throw new ResourceException(
                    ErrorCode.INVALID,
                    "offset '" + text + "': write first, last, next, a number, a timestamp, or an interval such as 10m"
                            + " (Y, M, D, h, m or s)");
        }
        Duration unit = switch (interval.group(2)) {
            case "Y" -> Duration.ofDays(365);
            case "M" -> Duration.ofDays(30);
            case "D" -> Duration.ofDays(1);
            case "h" -> Duration.ofHours(1);
            case "m" -> Duration.ofMinutes(1);
            default -> Duration.ofSeconds(1);
        };
        return unit.multipliedBy(Long.parseLong(interval.group(1)));
    }

    private static StartAt start(@Nullable Object content) {
        return switch (content) {
            case Date time -> new StartAt.Since(time.toInstant());
            case Number number -> new StartAt.BehindNumber(number.longValue());
            case null, default ->
                switch (String.valueOf(content)) {
                    case "current" -> new StartAt.Current();
                    case "now" -> new StartAt.Now();
                    case "first" -> new StartAt.Oldest();
                    default -> new StartAt.Behind(String.valueOf(content));
                };
        };
    }

    private static boolean policy(String text) {
        return switch (text) {
            case "every" -> false;
            case "latest" -> true;
            default -> throw new ResourceException(ErrorCode.INVALID, "policy '" + text + "': write every or latest");
        };
    }

    /**
     * The filters that were understood.
     *
     * @return to be echoed in the source; null if there are none
     */
    public @Nullable Map<Symbol, Object> granted() {
        return granted.isEmpty() ? null : granted;
    }

    /**
     * The JMS selector.
     *
     * @return empty for none
     */
    public String selector() {
        return selector;
    }

    /**
     * The condition on records.
     *
     * @return empty for none
     */
    public String query() {
        return query;
    }

    /**
     * Whether the receiver's own connection's changes are left out.
     *
     * @return true if so
     */
    public boolean noLocal() {
        return noLocal;
    }

    /**
     * Whether only the newest state of each path is wanted.
     *
     * @return false for every change
     */
    public boolean latest() {
        return latest;
    }

    /**
     * The format wanted.
     *
     * @return null for the sender's own
     */
    public @Nullable MediaType accept() {
        return accept;
    }

    /**
     * Where to start.
     *
     * @return null if that is not said
     */
    public @Nullable StartAt start() {
        return start;
    }
}
