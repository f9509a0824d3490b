package org.millrace.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.millrace.host.config.Configuration;
import org.millrace.host.config.ConfigurationSources;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Resources;

/** A host in a directory, with plugins that hand their contexts to the test, and clients on an executor of their own. */
public final class TestHost implements AutoCloseable {
    /** The name of the thread that all {@link #client clients} are called on. */
    public static final String CLIENT_THREAD = "client";

    private final Map<String, PluginContext> contexts = new HashMap<>();
    private final ExecutorService executor = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name(CLIENT_THREAD).daemon().factory());
    private final Host host;

    private TestHost(Configuration configuration) throws Exception {
        host = Host.builder(configuration)
                .plugin("test", context -> contexts.put("test", context))
                .plugin("rules", context -> contexts.put("rules", context))
                .start();
    }

    public static TestHost start(Path directory, String... options) throws Exception {
        return new TestHost(configuration(directory, options));
    }

    public static Configuration configuration(Path directory, String... options) {
        List<String> all = new ArrayList<>(List.of(
                "data=" + directory.resolve("data"),
                "plugins.directory=" + directory.resolve("plugins"),
                "journal.segment-size=1MiB",
                "event-loops=1"));
        all.addAll(List.of(options));
        return Configuration.load(new ConfigurationSources(null, Map.of(), all));
    }

    public Host host() {
        return host;
    }

    public PluginContext context() {
        return contextOf("test");
    }

    /** The context of the plugin {@code test}, which the clients belong to, or of {@code rules}, which has none. */
    public PluginContext contextOf(String pluginId) {
        return Objects.requireNonNull(contexts.get(pluginId));
    }

    public ExecutorService executor() {
        return executor;
    }

    public Resources client() {
        return client(Identity.ANONYMOUS);
    }

    public Resources client(Identity who) {
        return context().resources(who, new ConnectionInfo("test", "127.0.0.1:1", false, "client-1"), executor);
    }

    public Content json(String text) {
        return context().contents().of(MediaType.JSON, text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /** Waits for a stage; a failure comes as {@link ExecutionException}. */
    public static <T> T await(CompletionStage<T> stage) throws ExecutionException {
        try {
            return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("the stage did not complete", e);
        }
    }

    @Override
    public void close() {
        host.close();
        executor.shutdown();
    }
}
