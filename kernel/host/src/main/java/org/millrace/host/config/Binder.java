package org.millrace.host.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.Setting;

/**
 * Binds one section to a record and collects what is wrong with it. Used once, by one thread.
 *
 * <p>A value that cannot be used is reported and its default bound in its place, so that the rest is still looked at;
 * the record is of use only if {@link #problems} is empty.
 */
final class Binder {
    private static final String EMPTY_LIST = "[]";

    private final Placeholders placeholders;
    private final List<Problem> problems = new ArrayList<>();
    private final List<EffectiveValue> values = new ArrayList<>();

    Binder(Placeholders placeholders) {
        this.placeholders = placeholders;
    }

    List<Problem> problems() {
        return problems;
    }

    /** Every key of the record with the value it has, in order. */
    List<EffectiveValue> values() {
        return values;
    }

    /**
     * Binds a section.
     *
     * @param prefix in front of each key: empty, or a section's name and a dot
     * @return null if the record itself refused its values
     */
    <C extends Record> @Nullable C bind(String prefix, Class<C> shape, ConfigNode.Section section) {
        C bound = shape.cast(record(prefix, shape, section));
        reportUnknown(prefix, prefix, shape, section);
        return bound;
    }

    private @Nullable Object record(String prefix, Class<?> shape, ConfigNode.Section section) {
        RecordComponent[] components = shape.getRecordComponents();
        @Nullable Object[] arguments = new Object[components.length];
        int before = problems.size();
        for (int i = 0; i < components.length; i++) {
            arguments[i] = component(prefix, components[i], section);
        }
        // A record that checks itself must not be shown values that were reported already.
        return problems.size() > before ? null : construct(prefix, shape, components, arguments, section.origin());
    }

    private @Nullable Object component(String prefix, RecordComponent component, ConfigNode.Section section) {
        Class<?> type = component.getType();
        Setting setting = KnownKey.setting(component);
        String name = KnownKey.name(component);
        if (type.isRecord() && !Values.isKnown(type)) {
            return setting.inline()
                    ? record(prefix, type, section)
                    : record(
                            prefix + name + ".",
                            type,
                            inner(prefix + name, section.entries().get(name), section));
        }
        ConfigNode node = section.entries().get(name);
        String key = prefix + name;
        if (node == null || node instanceof ConfigNode.Empty) {
            String shown = type == List.class && setting.value().isEmpty() ? EMPTY_LIST : setting.value();
            values.add(EffectiveValue.of(key, shown, new Origin.Default()));
            return standard(component, setting);
        }
        return type == List.class ? list(key, component, setting, node) : scalar(key, type, setting, node);
    }

    private ConfigNode.Section inner(String key, @Nullable ConfigNode node, ConfigNode.Section outer) {
        return switch (node) {
            case ConfigNode.Section inner -> inner;
            case null -> new ConfigNode.Section(outer.origin());
            case ConfigNode.Empty empty -> new ConfigNode.Section(empty.origin());
            case ConfigNode.Scalar scalar -> {
                report(key, scalar.text(), scalar.origin(), "a section is wanted here, not a single value", "");
                yield new ConfigNode.Section(scalar.origin());
            }
            case ConfigNode.Items items -> {
                report(key, "[...]", items.origin(), "a section is wanted here, not a list", "");
                yield new ConfigNode.Section(items.origin());
            }
        };
    }

    private @Nullable Object scalar(String key, Class<?> type, Setting setting, ConfigNode node) {
        if (!(node instanceof ConfigNode.Scalar scalar)) {
            String found = node instanceof ConfigNode.Items ? "[...]" : "{...}";
            report(key, found, node.origin(), "a single value is wanted here", setting.doc());
            return null;
        }
        values.add(EffectiveValue.of(key, scalar.text(), scalar.origin()));
        return parse(key, type, setting, scalar.text(), scalar.origin());
    }

    private @Nullable Object parse(String key, Class<?> type, Setting setting, String text, Origin origin) {
        try {
            Object value = Values.parse(type, placeholders.expand(text));
            Values.checkRange(value, setting);
            return value;
        } catch (IllegalArgumentException e) {
            report(key, EffectiveValue.shown(key, text), origin, String.valueOf(e.getMessage()), setting.doc());
            return null;
        }
    }

    private List<Object> list(String key, RecordComponent component, Setting setting, ConfigNode node) {
        Class<?> element = KnownKey.element(component);
        List<ConfigNode> items = items(key, element, setting, node);
        // A section in a list adds its own keys.
        if (items.isEmpty() || !element.isRecord() || Values.isKnown(element)) {
            values.add(EffectiveValue.of(key, text(items), node.origin()));
        }
        List<Object> bound = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            String itemKey = key + "[" + i + "]";
            ConfigNode item = items.get(i);
            Object value;
            if (element.isRecord() && !Values.isKnown(element)) {
                ConfigNode.Section section = inner(itemKey, item, new ConfigNode.Section(item.origin()));
                value = record(itemKey + ".", element, section);
                reportUnknown(itemKey + ".", itemKey + ".", element, section);
            } else if (item instanceof ConfigNode.Scalar s) {
                value = parse(itemKey, element, setting, s.text(), s.origin());
            } else {
                report(itemKey, "", item.origin(), "a single value is wanted here", setting.doc());
                value = null;
            }
            if (value != null) {
                bound.add(value);
            }
        }
        return List.copyOf(bound);
    }

    /** A list's items; one that was set outside of a file is a text: {@code a, b}, or in YAML: {@code [a, b]}. */
    private List<ConfigNode> items(String key, Class<?> element, Setting setting, ConfigNode node) {
        if (node instanceof ConfigNode.Scalar s
                && !(s.origin() instanceof Origin.File)
                && s.text().startsWith("[")) {
            return items(key, element, setting, YamlFile.value(s.text(), s.origin(), problems));
        }
        return switch (node) {
            case ConfigNode.Items list -> list.items();
            case ConfigNode.Scalar s when !element.isRecord() || Values.isKnown(element) -> split(s.text(), s.origin());
            case ConfigNode.Empty empty -> List.of();
            case ConfigNode.Scalar other -> notAList(key, setting, other);
            case ConfigNode.Section other -> notAList(key, setting, other);
        };
    }

    private List<ConfigNode> notAList(String key, Setting setting, ConfigNode node) {
        report(key, "", node.origin(), "a list is wanted here", setting.doc());
        return List.of();
    }

    private static List<ConfigNode> split(String text, Origin origin) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .<ConfigNode>map(item -> new ConfigNode.Scalar(item, origin))
                .toList();
    }

    private static String text(List<ConfigNode> items) {
        if (items.isEmpty()) {
            return EMPTY_LIST;
        }
        List<String> texts = new ArrayList<>();
        for (ConfigNode item : items) {
            texts.add(item instanceof ConfigNode.Scalar s ? s.text() : "...");
        }
        return String.join(", ", texts);
    }

    private static Object standard(RecordComponent component, Setting setting) {
        Class<?> type = component.getType();
        try {
            if (type == List.class) {
                Class<?> element = KnownKey.element(component);
                return split(setting.value(), new Origin.Default()).stream()
                        .map(item -> Values.parse(element, ((ConfigNode.Scalar) item).text()))
                        .toList();
            }
            return setting.value().isEmpty() ? Values.zero(type) : Values.parse(type, setting.value());
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "the default of " + component.getDeclaringRecord().getName() + "." + component.getName() + " is "
                            + e.getMessage(),
                    e);
        }
    }

    private @Nullable Object construct(
            String prefix, Class<?> shape, RecordComponent[] components, @Nullable Object[] arguments, Origin origin) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = shape.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            String section = prefix.isEmpty() ? "the configuration" : prefix.substring(0, prefix.length() - 1);
            String reason = e.getCause() == null
                    ? e.toString()
                    : String.valueOf(e.getCause().getMessage());
            problems.add(new Problem(section + " " + origin + ": " + reason, origin));
            return null;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("configuration record " + shape.getName() + " cannot be made", e);
        }
    }

    private void reportUnknown(String prefix, String top, Class<?> shape, ConfigNode.Section section) {
        Set<String> names = new LinkedHashSet<>();
        Set<String> keys = new LinkedHashSet<>();
        collect(top, shape, keys);
        known(shape, names);
        for (Map.Entry<String, ConfigNode> entry : section.entries().entrySet()) {
            String key = prefix + entry.getKey();
            if (!names.contains(entry.getKey())) {
                Origin origin = entry.getValue().origin();
                problems.add(new Problem("unknown key " + key + " " + origin + NearestKey.hint(key, keys), origin));
            }
        }
        for (RecordComponent component : flat(shape)) {
            Class<?> type = component.getType();
            if (type.isRecord()
                    && !Values.isKnown(type)
                    && section.entries().get(KnownKey.name(component)) instanceof ConfigNode.Section inner) {
                String innerPrefix = prefix + KnownKey.name(component) + ".";
                reportUnknown(innerPrefix, innerPrefix, type, inner);
            }
        }
    }

    /** Keys to suggest: those of the record with all below it, and the names of its sections. */
    private static void collect(String prefix, Class<?> shape, Set<String> keys) {
        KnownKey.of(prefix, shape).forEach(known -> keys.add(known.key()));
        flat(shape).forEach(component -> keys.add(prefix + KnownKey.name(component)));
    }

    private static void known(Class<?> shape, Set<String> names) {
        flat(shape).forEach(component -> names.add(KnownKey.name(component)));
    }

    /** A record's components, with those of its inline records in their place. */
    private static List<RecordComponent> flat(Class<?> shape) {
        List<RecordComponent> all = new ArrayList<>();
        for (RecordComponent component : shape.getRecordComponents()) {
            if (KnownKey.setting(component).inline()) {
                all.addAll(flat(component.getType()));
            } else {
                all.add(component);
            }
        }
        return all;
    }

    private void report(String key, String value, Origin origin, String reason, String doc) {
        String shown = value.isEmpty() ? key : key + " = " + value;
        String meaning = doc.isEmpty() ? "" : " (" + doc + ")";
        problems.add(new Problem(shown + " " + origin + ": " + reason + meaning, origin));
    }
}
