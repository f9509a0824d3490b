package org.millrace.host.config;

import java.util.List;
import java.util.Locale;

/**
 * A value the host goes by, and where it was set.
 *
 * @param key with all its sections
 * @param value as it was written, placeholders and all; masked if the key is one of a secret
 * @param origin where it was set
 */
public record EffectiveValue(String key, String value, Origin origin) {
    private static final List<String> SECRET = List.of("password", "secret", "token", "credential", "passphrase");
    private static final String MASK = "********";

    static EffectiveValue of(String key, String written, Origin origin) {
        return new EffectiveValue(key, shown(key, written), origin);
    }

    /** A value as it may be shown: one of a secret only if it is a mere reference to it. */
    static String shown(String key, String written) {
        String name = key.substring(key.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        boolean reference = written.matches("\\$\\{(env|file):[^}]*\\}");
        return !reference && !written.isEmpty() && SECRET.stream().anyMatch(name::contains) ? MASK : written;
    }
}
