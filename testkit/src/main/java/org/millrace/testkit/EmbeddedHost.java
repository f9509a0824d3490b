package org.millrace.testkit;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * A real host in the test's own JVM: an unpacked distribution's, in a class loader of its own, with journal, store and
 * configuration, and with plugins that it loads from their jars as everywhere else. So a break point in a plugin's source
 * works. The distribution is where the system property {@code millrace.home} says.
 *
 * <p>The JVM needs the options that the distribution starts its own with; {@link Builder#start} names them if they are
 * missing. Safe for use by any thread.
 *
 * <pre>{@code
 * try (EmbeddedHost host = EmbeddedHost.builder(folder)
 *         .plugin(PluginJar.ofModule("hello", HelloPlugin.class).write(folder.resolve("hello.jar")))
 *         .set("hello.port", "0")
 *         .start()) {
 *     RawPeer peer = RawPeer.connect(host.address("hello"));
 * }
 * }</pre>
 *
 * @since 0.1
 */
public final class EmbeddedHost implements AutoCloseable {
    private static final Duration MOST = Duration.ofSeconds(60);
    /** Plugins of the distribution that have a listener of their own. */
    private static final List<String> LISTENING = List.of("amqp", "http", "mqtt");

    private final Path plugins;
    private final Map<String, InetSocketAddress> listeners;
    private final Thread running;

    private EmbeddedHost(Path plugins, Map<String, InetSocketAddress> listeners, Thread running) {
        this.plugins = plugins;
        this.listeners = listeners;
        this.running = running;
    }

    /**
     * Prepares a host with its data in a folder, which may hold those of a host that ran before.
     *
     * @param folder for its data and plugins, such as JUnit's temporary directory
     * @return a builder of a host with the distribution's plugin {@code http}
     */
    public static Builder builder(Path folder) {
        return new Builder(folder);
    }

    /** Collects what a host is started with. For one thread. */
    public static final class Builder {
        private final Path folder;
        private final Map<String, Path> jars = new LinkedHashMap<>();
        private final List<String> settings = new ArrayList<>();
        private List<String> shipped = List.of("http");

        private Builder(Path folder) {
            this.folder = folder;
        }

        /**
         * Adds a plugin.
         *
         * @param jar its jar, which is copied
         * @return this builder
         */
        public Builder plugin(Path jar) {
            jars.put(jar.getFileName().toString(), jar);
            return this;
        }

        /**
         * Chooses which of the distribution's plugins run beside; those that listen do so on free ports.
         *
         * @param ids for example {@code http} and {@code mqtt}
         * @return this builder
         */
        public Builder beside(String... ids) {
            shipped = List.of(ids);
            return this;
        }

        /**
         * Sets a key of the configuration.
         *
         * @param key for example {@code hello.port}
         * @param value as in the file
         * @return this builder
         */
        public Builder set(String key, String value) {
            settings.add(key + "=" + value);
            return this;
        }

        /**
         * Starts the host and waits until it serves.
         *
         * @return the host, to be closed
         * @throws IOException if the plugins cannot be copied
         * @throws IllegalStateException if the host does not start; the message says why
         */
        public EmbeddedHost start() throws IOException {
            Distribution distribution = Distribution.installed();
            Path plugins = folder.resolve("plugins");
            Files.createDirectories(plugins);
            for (String id : shipped) {
                StagedFile.copyInto(distribution.plugin(id), plugins.resolve(id + ".jar"));
            }
            for (Map.Entry<String, Path> jar : jars.entrySet()) {
                StagedFile.copyInto(jar.getValue(), plugins.resolve(jar.getKey()));
            }
            return run(distribution, plugins, arguments(plugins));
        }

        private List<String> arguments(Path plugins) {
            List<String> arguments = new ArrayList<>(List.of(
                    "start",
                    "--data",
                    folder.resolve("data").toString(),
                    "--plugins",
                    plugins.toString(),
                    "--set",
                    "plugins.scan-interval=50ms"));
            for (String id : shipped) {
                if (LISTENING.contains(id)) {
                    arguments.addAll(List.of("--set", id + ".port=0"));
                }
            }
            settings.forEach(setting -> arguments.addAll(List.of("--set", setting)));
            return arguments;
        }
    }

    private static EmbeddedHost run(Distribution distribution, Path plugins, List<String> arguments) {
        ToolProvider millrace = distribution.commandLine();
        CompletableFuture<String> ready = new CompletableFuture<>();
        Thread running = new Thread(
                () -> {
                    StringWriter said = new StringWriter();
                    int code = millrace.run(
                            new PrintWriter(new FirstLine(ready), true),
                            new PrintWriter(said, true),
                            arguments.toArray(String[]::new));
                    ready.completeExceptionally(
                            new IllegalStateException("the host ended with code " + code + ": " + said));
                },
                "embedded-host");
        running.setDaemon(true);
        running.setContextClassLoader(millrace.getClass().getClassLoader());
        running.start();
        try {
            String line = ready.get(MOST.toSeconds(), TimeUnit.SECONDS);
            return new EmbeddedHost(plugins, FirstLine.listeners(line), running);
        } catch (ExecutionException e) {
            Throwable why = e.getCause() == null ? e : e.getCause();
            throw new IllegalStateException(why.getMessage(), why);
        } catch (TimeoutException e) {
            running.interrupt();
            throw new IllegalStateException("the host does not serve after " + MOST.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            running.interrupt();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the host started", e);
        }
    }

    /**
     * Where a listener is bound that was there when the host began to serve.
     *
     * @param listener its name, by convention the plugin's id
     * @return a loopback address with its real port
     */
    public InetSocketAddress address(String listener) {
        InetSocketAddress found = listeners.get(listener);
        if (found == null) {
            throw new IllegalArgumentException(
                    "no listener " + listener + "; there are " + new TreeSet<>(listeners.keySet()));
        }
        return found;
    }

    /**
     * Drops a jar into the running host's plugins, replacing one of the same name. The host takes it up a moment later;
     * the record {@code $sys/plugins/{id}} tells.
     *
     * @param jar copied
     * @throws IOException if it cannot be copied
     */
    public void drop(Path jar) throws IOException {
        StagedFile.copyInto(jar, plugins.resolve(jar.getFileName()));
    }

    /**
     * Takes a jar away again, which stops the plugin a moment later.
     *
     * @param jar the name of its file
     * @throws IOException if it cannot be removed
     */
    public void remove(String jar) throws IOException {
        Files.delete(plugins.resolve(jar));
    }

    /**
     * The jars that the host has.
     *
     * @return names of files
     * @throws IOException if the folder cannot be read
     */
    public List<String> jars() throws IOException {
        try (Stream<Path> files = Files.list(plugins)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** Stops the host cleanly. Further calls do nothing. */
    @Override
    public void close() {
        running.interrupt();
        try {
            if (!running.join(MOST)) {
                throw new IllegalStateException("the host does not stop within " + MOST.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
