package org.millrace.testkit.junit;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.millrace.spi.plugin.Plugin;
import org.millrace.testkit.EmbeddedHost;
import org.millrace.testkit.InMemoryHost;

/**
 * Runs a plugin in a host for the tests of a class. In a static field the host is one for all tests of the class, in an
 * instance field each test has its own. Tests get the host from {@link #host} or as a parameter of its type.
 *
 * <pre>{@code
 * @RegisterExtension
 * final HostExtension<InMemoryHost> extension = HostExtension.inMemory("hello", HelloPlugin::new, Map.of());
 *
 * @Test
 * void aGreetingIsAnswered(InMemoryHost host) {
 *     RawPeer.connect(host.address("hello")).send("HELLO\n").expect("HELLO\n").close();
 * }
 * }</pre>
 *
 * @param <H> the kind of host
 * @since 0.1
 */
public final class HostExtension<H extends AutoCloseable>
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback, ParameterResolver {
    /**
     * Starts a host.
     *
     * @param <H> the kind of host
     */
    @FunctionalInterface
    public interface Start<H> {
        /**
         * Starts a host.
         *
         * @param folder for its files; removed when the host has stopped
         * @return the host, which is closed by the extension
         * @throws Exception why it does not start, which fails the tests
         */
        H in(Path folder) throws Exception;
    }

    private final Class<H> type;
    private final Start<H> start;
    private @Nullable H host;
    private @Nullable Path folder;
    private boolean forAll;

    private HostExtension(Class<H> type, Start<H> start) {
        this.type = type;
        this.start = start;
    }

    /**
     * A host in memory with one plugin.
     *
     * @param id the plugin's id
     * @param plugin makes a plugin for each host
     * @param settings the plugin's section of the configuration
     * @return an extension to be registered
     */
    public static HostExtension<InMemoryHost> inMemory(
            String id, Supplier<? extends Plugin> plugin, Map<String, String> settings) {
        return new HostExtension<>(InMemoryHost.class, _ -> {
            InMemoryHost made = InMemoryHost.create();
            try {
                made.start(id, plugin.get(), settings);
                return made;
            } catch (Exception e) {
                made.close();
                throw e;
            }
        });
    }

    /**
     * A real host in the test's JVM.
     *
     * @param start starts it in a folder that is its own
     * @return an extension to be registered
     */
    public static HostExtension<EmbeddedHost> embedded(Start<EmbeddedHost> start) {
        return new HostExtension<>(EmbeddedHost.class, start);
    }

    /**
     * The host.
     *
     * @return the host of the test that runs
     * @throws IllegalStateException if none does
     */
    public H host() {
        if (host == null) {
            throw new IllegalStateException("the host runs during tests only; is the extension registered?");
        }
        return host;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        forAll = true;
        open();
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        if (!forAll) {
            open();
        }
    }

    private void open() throws Exception {
        Path made = Files.createTempDirectory("millrace-test");
        folder = made;
        host = start.in(made);
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        if (!forAll) {
            close();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        close();
    }

    private void close() throws Exception {
        H ending = host;
        Path used = folder;
        host = null;
        folder = null;
        try {
            if (ending != null) {
                ending.close();
            }
        } finally {
            if (used != null) {
                remove(used);
            }
        }
    }

    private static void remove(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == type;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return host();
    }
}
