package org.millrace.host.plugin;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.millrace.host.config.Configuration;
import org.millrace.host.config.ConfigurationSources;

/** A plugins directory, and a host for it. */
final class PluginDirectory implements AutoCloseable {
    final List<String> events = new CopyOnWriteArrayList<>();
    final List<WeakReference<ClassLoader>> loaders = new CopyOnWriteArrayList<>();
    private final Path root;
    private String yaml = "";
    private List<String> options = List.of();
    /** The ids that the host has told of. */
    final List<String> news = new CopyOnWriteArrayList<>();

    private Duration limit = Duration.ofSeconds(20);
    private Duration scanInterval = Duration.ZERO;
    private PluginHost host;

    PluginDirectory(Path root) {
        this.root = root;
    }

    /** A file of the plugins directory, which need not exist. */
    Path file(String name) {
        return root.resolve("plugins").resolve(name);
    }

    Path staging() {
        return root.resolve("staging");
    }

    void configure(String text) {
        yaml = text;
    }

    void set(String... keysAndValues) {
        options = List.of(keysAndValues);
    }

    void watch() {
        scanInterval = Duration.ofMillis(20);
    }

    void limit(Duration startAndStop) {
        limit = startAndStop;
    }

    PluginHost start() throws Exception {
        Path conf = Files.writeString(root.resolve("conf.yaml"), yaml);
        Configuration configuration = Configuration.load(new ConfigurationSources(conf, Map.of(), options));
        host = new PluginHost(
                new PluginHostOptions(file(""), staging(), limit, limit, scanInterval),
                configuration,
                (descriptor, classes) -> new RecordingScope(descriptor.id(), configuration, events, loaders),
                news::add);
        host.start();
        return host;
    }

    /** Starts a host and gives the line an operator reads about a plugin. */
    String lineOf(String id) throws Exception {
        return start().reports().stream()
                .filter(report -> report.id().equals(id))
                .map(PluginReport::line)
                .collect(Collectors.joining("\n"));
    }

    PluginHost host() {
        return host;
    }

    Set<String> staged() throws IOException {
        if (!Files.exists(staging())) {
            return Set.of();
        }
        try (var files = Files.list(staging())) {
            return files.map(path -> path.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    @Override
    public void close() {
        if (host != null) {
            host.close();
        }
    }
}
