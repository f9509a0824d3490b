package org.millrace.host.config;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One {@code --set}.
 *
 * @param key with all its sections
 * @param value as it was given
 */
record Option(String key, String value) {
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");

    /** Reads {@code key=value}; what cannot be read is reported. */
    static Optional<Option> parse(String text, List<Problem> problems) {
        int equals = text.indexOf('=');
        String key = equals < 0 ? text : text.substring(0, equals).strip();
        if (equals < 0 || !KEY.matcher(key).matches()) {
            Origin origin = new Origin.Option(key);
            problems.add(
                    new Problem("--set " + key + " is not key=value; write for example --set http.port=8080", origin));
            return Optional.empty();
        }
        return Optional.of(new Option(key, text.substring(equals + 1)));
    }

    /** The first part of the key: a plugin's id, or a key of the host. */
    String section() {
        int dot = key.indexOf('.');
        return dot < 0 ? key : key.substring(0, dot);
    }

    ConfigNode.Scalar node() {
        return new ConfigNode.Scalar(value, new Origin.Option(key));
    }
}
