package org.millrace.host.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.Setting;

/** Turns the text of a single value into what a record's component wants. */
final class Values {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|d)");

    private Values() {}

    /** Whether {@link #parse} knows a type. */
    static boolean isKnown(Class<?> type) {
        return type == int.class
                || type == long.class
                || type == boolean.class
                || type == String.class
                || type == Duration.class
                || type == ByteSize.class
                || type == Path.class
                || type.isEnum();
    }

    /** What an empty {@link Setting#value()} stands for. */
    static Object zero(Class<?> type) {
        return switch (type.getName()) {
            case "boolean" -> false;
            case "java.lang.String", "java.nio.file.Path" -> parse(type, "");
            default -> type.isEnum() ? type.getEnumConstants()[0] : parse(type, type == Duration.class ? "0s" : "0");
        };
    }

    /**
     * Reads a value.
     *
     * @throws IllegalArgumentException saying what is wrong with it, without the value itself: it may be a secret
     */
    static Object parse(Class<?> type, String text) {
        if (type == String.class) {
            return text;
        }
        String t = text.strip();
        if (type == int.class || type == long.class) {
            return number(type, t);
        }
        if (type == boolean.class) {
            return switch (t.toLowerCase(Locale.ROOT)) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new IllegalArgumentException("neither true nor false");
            };
        }
        if (type == Duration.class) {
            return duration(t);
        }
        if (type == ByteSize.class) {
            return size(t);
        }
        if (type == Path.class) {
            try {
                return Path.of(t);
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException("not a path", e);
            }
        }
        if (type.isEnum()) {
            return constant(type, t);
        }
        throw new IllegalStateException("a configuration record cannot hold a " + type.getName());
    }

    /**
     * Checks a value's range.
     *
     * @throws IllegalArgumentException saying what the range is
     */
    static void checkRange(Object value, Setting setting) {
        switch (value) {
            case Integer n -> check(n, setting, Long::toString);
            case Long n -> check(n, setting, Long::toString);
            case ByteSize size -> check(size.bytes(), setting, n -> new ByteSize(Math.max(0, n)).toString());
            case Duration d -> check(d.toMillis(), setting, Values::text);
            default -> {}
        }
    }

    /** How a duration is written in a configuration. */
    static String text(long millis) {
        long[] units = {86_400_000, 3_600_000, 60_000, 1000};
        String[] names = {"d", "h", "m", "s"};
        for (int i = 0; i < units.length; i++) {
            if (millis != 0 && millis % units[i] == 0) {
                return millis / units[i] + names[i];
            }
        }
        return millis == 0 ? "0s" : millis + "ms";
    }

    private static void check(long n, Setting setting, java.util.function.LongFunction<String> text) {
        if (n < setting.min()) {
            throw new IllegalArgumentException("must be at least " + text.apply(setting.min()));
        }
        if (n > setting.max()) {
            throw new IllegalArgumentException("must be at most " + text.apply(setting.max()));
        }
    }

    private static Object number(Class<?> type, String t) {
        try {
            if (type == int.class) {
                return Integer.parseInt(t);
            }
            return Long.parseLong(t);
        } catch (NumberFormatException e) {
            boolean digits = t.matches("[+-]?\\d+");
            throw new IllegalArgumentException(digits ? "too large a number" : "not a whole number", e);
        }
    }

    private static Duration duration(String t) {
        Matcher m = DURATION.matcher(t);
        if (!m.matches()) {
            throw new IllegalArgumentException("not a duration; write for example 250ms, 30s, 5m, 12h or 7d");
        }
        long n = Long.parseLong(m.group(1));
        return switch (m.group(2)) {
            case "ms" -> Duration.ofMillis(n);
            case "s" -> Duration.ofSeconds(n);
            case "m" -> Duration.ofMinutes(n);
            case "h" -> Duration.ofHours(n);
            default -> Duration.ofDays(n);
        };
    }

    private static ByteSize size(String t) {
        try {
            return ByteSize.parse(t);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new IllegalArgumentException("not a size; write for example 512, 64KiB, 1MiB or 4GiB", e);
        }
    }

    private static Object constant(Class<?> type, String t) {
        List<String> names = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            String name = ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (name.equals(t.toLowerCase(Locale.ROOT).replace('_', '-'))) {
                return constant;
            }
            names.add(name);
        }
        throw new IllegalArgumentException("none of " + String.join(", ", names));
    }
}
