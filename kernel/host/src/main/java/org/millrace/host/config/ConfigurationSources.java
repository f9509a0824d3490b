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
 * @param defaults values of host keys in place of their usual defaults, for example where an installation's files are
 */
public record ConfigurationSources(
        @Nullable Path file, Map<String, String> environment, List<String> options, Map<String, String> defaults) {
    /**
     * Sources with the usual defaults.
     *
     * @param file the YAML file, or null for none
     * @param environment the environment variables
     * @param options what {@code --set} was given
     */
    public ConfigurationSources(@Nullable Path file, Map<String, String> environment, List<String> options) {
        this(file, environment, options, Map.of());
    }

    /** Copies the collections. */
    public ConfigurationSources {
        defaults = Map.copyOf(defaults);
        environment = Map.copyOf(environment);
        options = List.copyOf(options);
    }
}
