package org.millrace.host.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.host.config.Configuration;
import org.millrace.host.config.ConfigurationSources;
import picocli.CommandLine.Option;

/** The options that say what a host is to go by. */
final class ConfigurationOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The configuration file; otherwise $MILLRACE_CONFIG, or conf/millrace.yaml of the"
                    + " installation.")
    private @Nullable Path config;

    @Option(names = "--data", paramLabel = "DIR", description = "Where the records are kept. Default: ./data")
    private @Nullable Path data;

    @Option(
            names = "--plugins",
            paramLabel = "DIR",
            description = "Where the plugins are. Default: plugins of the installation.")
    private @Nullable Path plugins;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Set one key, for example http.port=8081; port 0 picks a free one. Goes before environment"
                    + " variables (MILLRACE_HTTP_PORT), and these before the file. May be repeated.")
    private List<String> settings = new ArrayList<>();

    ConfigurationOptions() {}

    /** Reads the configuration these options name. */
    Configuration load(Map<String, String> environment, @Nullable String home) {
        List<String> options = new ArrayList<>();
        if (data != null) {
            options.add("data=" + data);
        }
        if (plugins != null) {
            options.add("plugins.directory=" + plugins);
        }
        options.addAll(settings);
        Map<String, String> defaults = home == null
                ? Map.of()
                : Map.of("plugins.directory", Path.of(home, "plugins").toString());
        return Configuration.load(new ConfigurationSources(file(environment, home), environment, options, defaults));
    }

    private @Nullable Path file(Map<String, String> environment, @Nullable String home) {
        if (config != null) {
            return config;
        }
        String named = environment.get("MILLRACE_CONFIG");
        if (named != null && !named.isEmpty()) {
            return Path.of(named);
        }
        if (home == null) {
            return null;
        }
        Path installed = Path.of(home, "conf", "millrace.yaml");
        return Files.exists(installed) ? installed : null;
    }
}
