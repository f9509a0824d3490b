package org.millrace.host.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.millrace.spi.plugin.Setting;

/**
 * A key that a configuration record understands. Holds no reference to the record's class, which may be a plugin's.
 *
 * @param key with all its sections, for example {@code mqtt.tls.certificate}
 * @param standard its default as it would be written in the file
 * @param doc what it means
 */
public record KnownKey(String key, String standard, String doc) {
    /** Stands in for a missing annotation. */
    private static final Setting BARE =
            Objects.requireNonNull(Bare.class.getRecordComponents()[0].getAnnotation(Setting.class));

    private record Bare(@Setting int component) {}

    /**
     * The keys of a record.
     *
     * @param prefix in front of each: empty, or a section's name and a dot
     * @param shape the record
     * @return in the order of the record's components
     */
    static List<KnownKey> of(String prefix, Class<?> shape) {
        List<KnownKey> keys = new ArrayList<>();
        for (RecordComponent component : shape.getRecordComponents()) {
            Setting setting = setting(component);
            if (component.getType().isRecord() && !Values.isKnown(component.getType())) {
                keys.addAll(of(setting.inline() ? prefix : prefix + name(component) + ".", component.getType()));
            } else {
                keys.add(new KnownKey(prefix + name(component), setting.value(), setting.doc()));
            }
        }
        return keys;
    }

    /** A component's description, also if it has none. */
    static Setting setting(RecordComponent component) {
        Setting setting = component.getAnnotation(Setting.class);
        return setting == null ? BARE : setting;
    }

    /** A component's key within its section: {@code maxPacketSize} becomes {@code max-packet-size}. */
    static String name(RecordComponent component) {
        StringBuilder name = new StringBuilder();
        for (char c : component.getName().toCharArray()) {
            if (Character.isUpperCase(c)) {
                name.append('-');
            }
            name.append(Character.toLowerCase(c));
        }
        return name.toString();
    }

    /** The element type of a list component. */
    static Class<?> element(RecordComponent component) {
        if (component.getGenericType() instanceof ParameterizedType list
                && list.getActualTypeArguments()[0] instanceof Class<?> type) {
            return type;
        }
        throw new IllegalStateException(component.getDeclaringRecord().getName() + "." + component.getName()
                + ": a configuration list must say what it holds");
    }

    /** The environment variable of a key. */
    static String environmentName(String key) {
        return "MILLRACE_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
