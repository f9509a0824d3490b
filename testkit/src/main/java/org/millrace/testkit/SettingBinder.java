package org.millrace.testkit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.plugin.Setting;

/** Binds a map of texts to a configuration record, by the rules of {@link Setting}. */
final class SettingBinder {
    private final Map<String, String> settings;
    private final Set<String> known = new HashSet<>();
    private final List<String> problems = new ArrayList<>();

    private SettingBinder(Map<String, String> settings) {
        this.settings = settings;
    }

    static <C extends Record> C bind(Class<C> shape, Map<String, String> settings) {
        SettingBinder binder = new SettingBinder(settings);
        @Nullable Object bound = binder.record(shape, "");
        settings.keySet().stream()
                .filter(k -> !binder.known.contains(k))
                .forEach(k -> binder.problems.add("unknown key " + k + "; known are " + binder.known));
        if (!binder.problems.isEmpty() || bound == null) {
            throw new ConfigurationException(binder.problems);
        }
        return shape.cast(bound);
    }

    private @Nullable Object record(Class<?> shape, String prefix) {
        RecordComponent[] components = shape.getRecordComponents();
        @Nullable Object[] values = new Object[components.length];
        int before = problems.size();
        for (int i = 0; i < components.length; i++) {
            values[i] = component(components[i], prefix);
        }
        if (problems.size() > before) {
            return null;
        }
        try {
            var constructor = shape.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class[]::new));
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            problems.add(prefix + ": " + e.getTargetException().getMessage());
            return null;
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(shape + " cannot be made", e);
        }
    }

    private @Nullable Object component(RecordComponent component, String prefix) {
        @Nullable Setting setting = component.getAnnotation(Setting.class);
        String key = prefix + hyphened(component.getName());
        if (component.getType().isRecord() && component.getType() != ByteSize.class) {
            return record(component.getType(), setting != null && setting.inline() ? prefix : key + '.');
        }
        known.add(key);
        String text = settings.getOrDefault(key, setting == null ? "" : setting.value());
        try {
            Object value = value(component.getGenericType(), text);
            checkRange(value, setting);
            return value;
        } catch (IllegalArgumentException e) {
            problems.add(key + ": '" + text + "': " + e.getMessage());
            return null;
        }
    }

    private static void checkRange(Object value, @Nullable Setting setting) {
        long number = switch (value) {
            case Integer i -> i;
            case Long l -> l;
            case Duration d -> d.toMillis();
            case ByteSize b -> b.bytes();
            default -> Long.MIN_VALUE;
        };
        if (setting != null && number != Long.MIN_VALUE && (number < setting.min() || number > setting.max())) {
            throw new IllegalArgumentException("must be from " + setting.min() + " to " + setting.max());
        }
    }

    private static Object value(Type type, String text) {
        if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            Type item = list.getActualTypeArguments()[0];
            return text.isBlank()
                    ? List.of()
                    : Arrays.stream(text.split(",", -1))
                            .map(s -> value(item, s.strip()))
                            .toList();
        }
        return scalar((Class<?>) type, text);
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // the class is asked whether it is an enum
    private static Object scalar(Class<?> type, String text) {
        String number = text.isEmpty() ? "0" : text;
        if (type.isEnum()) {
            return Enum.valueOf(
                    (Class<Enum>) type, text.toUpperCase(Locale.ROOT).replace('-', '_'));
        }
        return switch (type.getSimpleName()) {
            case "int" -> Integer.parseInt(number);
            case "long" -> Long.parseLong(number);
            case "boolean" -> Boolean.parseBoolean(text);
            case "String" -> text;
            case "Path" -> java.nio.file.Path.of(text);
            case "ByteSize" -> ByteSize.parse(number);
            case "Duration" -> duration(number);
            default -> throw new IllegalArgumentException(type + " is no type of a setting");
        };
    }

    private static Duration duration(String text) {
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
            digits++;
        }
        long n = Long.parseLong(text, 0, digits, 10);
        return switch (text.substring(digits)) {
            case "ms" -> Duration.ofMillis(n);
            case "s", "" -> Duration.ofSeconds(n);
            case "m" -> Duration.ofMinutes(n);
            case "h" -> Duration.ofHours(n);
            case "d" -> Duration.ofDays(n);
            default -> throw new IllegalArgumentException("write a duration as 250ms, 30s or 5m");
        };
    }

    private static String hyphened(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
