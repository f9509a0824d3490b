package org.millrace.host.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a configuration comes from, weakest first.
 *
 * @param file the YAML file, or null for none
 * @param environment the environment variables, of which those that begin with {@code MILLRACE_} are looked at
 * @param options what {@code --set} was given, each {@code key=value}
 */
public record ConfigurationSources(@Nullable Path file, Map<String, String> environment, List<String> options) {
    /** Copies the collections. */
    public ConfigurationSources {
        environment = Map.copyOf(environment);
        options = List.copyOf(options);
    }
}
