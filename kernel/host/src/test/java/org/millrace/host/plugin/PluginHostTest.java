package org.millrace.host.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.plugin.ConfigurationException;

class PluginHostTest {
    @TempDir
    Path root;

    private PluginDirectory plugins;

    @BeforeEach
    void open() {
        plugins = new PluginDirectory(root);
    }

    @AfterEach
    void close() throws IOException {
        plugins.close();
        assertThat(plugins.staged()).isEmpty();
    }

    @Test
    void jarsAreStartedByNameAndStoppedTheOtherWayRound() throws Exception {
        PluginJar.plugin("one").write(plugins.file("one.jar"));
        PluginJar.plugin("two").write(plugins.file("two.jar"));
        assertThat(plugins.start().reports())
                .extracting(PluginReport::id, PluginReport::version, PluginReport::state)
                .containsExactly(
                        tuple("one", "1.0.2", PluginState.STARTED), tuple("two", "1.0.2", PluginState.STARTED));
        plugins.close();
        assertThat(plugins.events)
                .containsExactly(
                        "one: started", "two: started", "two: stopped", "two: undone", "one: stopped", "one: undone");
    }

    @Test
    void folderOfJarsIsOnePlugin() throws Exception {
        PluginJar library = PluginJar.library()
                .source(
                        "lib.Codec",
                        "package lib; public class Codec { public String toString() { return \"lib\"; } }");
        PluginJar.plugin("foldered", """
            public void start(PluginContext c) {
                c.log().log(System.Logger.Level.INFO, new lib.Codec().toString());
            }
            """)
                .compiledAgainst(library)
                .write(plugins.file("foldered").resolve("main.jar"));
        library.write(plugins.file("foldered").resolve("codec.jar"));
        plugins.start();
        assertThat(plugins.events).containsExactly("foldered: lib");
    }

    @Test
    void twoPluginsMayCarryDifferentVersionsOfALibrary() throws Exception {
        for (String id : List.of("one", "two")) {
            PluginJar.plugin(id, """
                public void start(PluginContext c) {
                    c.log().log(System.Logger.Level.INFO, lib.Version.TEXT());
                }
                """)
                    .source(
                            "lib.Version",
                            "package lib; public class Version { public static String TEXT() { return \"for " + id
                                    + "\"; } }")
                    .write(plugins.file(id + ".jar"));
        }
        plugins.start();
        assertThat(plugins.events).containsExactly("one: for one", "two: for two");
    }

    @Test
    void kernelAndHostLibrariesAreNotVisible() throws Exception {
        PluginJar.plugin("curious", """
            public void start(PluginContext c) throws Exception {
                for (String name : new String[] {
                    "org.millrace.host.plugin.PluginHost", "org.snakeyaml.engine.v2.api.Load",
                    "ch.qos.logback.classic.Logger", "io.netty.handler.codec.http.HttpRequest",
                    "org.slf4j.Logger", "io.netty.buffer.ByteBuf", "org.millrace.spi.transport.Transport"}) {
                    String from;
                    try {
                        from = Class.forName(name).getClassLoader() == Plugin.class.getClassLoader() ? "host" : "own";
                    } catch (ClassNotFoundException e) {
                        from = "nowhere";
                    }
                    c.log().log(System.Logger.Level.INFO, name + " from " + from);
                }
                Object resource = getClass().getResource("/org/millrace/host/plugin/PluginHost.class");
                c.log().log(System.Logger.Level.INFO, "resource " + resource);
                boolean own = Thread.currentThread().getContextClassLoader() == getClass().getClassLoader();
                c.log().log(System.Logger.Level.INFO, "context loader is own: " + own);
            }
            """).write(plugins.file("curious.jar"));
        plugins.start();
        assertThat(plugins.events)
                .containsExactly(
                        "curious: org.millrace.host.plugin.PluginHost from nowhere",
                        "curious: org.snakeyaml.engine.v2.api.Load from nowhere",
                        "curious: ch.qos.logback.classic.Logger from nowhere",
                        "curious: io.netty.handler.codec.http.HttpRequest from nowhere",
                        "curious: org.slf4j.Logger from host",
                        "curious: io.netty.buffer.ByteBuf from host",
                        "curious: org.millrace.spi.transport.Transport from host",
                        "curious: resource null",
                        "curious: context loader is own: true");
    }

    @Test
    void overwritingALoadedJarDoesNoHarm() throws Exception {
        Path jar = PluginJar.plugin("stable", """
            PluginContext context;
            public void start(PluginContext c) { context = c; }
            public void stop() { context.log().log(System.Logger.Level.INFO, new Late().toString()); }
            """)
                .source("plugin.Late", "package plugin; class Late { public String toString() { return \"late\"; } }")
                .write(plugins.file("stable.jar"));
        plugins.start();
        Files.write(jar, new byte[(int) Files.size(jar)]);
        plugins.host().stop("stable");
        assertThat(plugins.events).containsExactly("stable: late", "stable: undone");
    }

    @Test
    void stoppedPluginIsStartedFromItsNewJar() throws Exception {
        PluginJar.plugin("again").write(plugins.file("again.jar"));
        PluginHost host = plugins.start();
        assertThat(host.stop("again").state()).isEqualTo(PluginState.STOPPED);
        PluginJar.plugin("again").manifest("Plugin-Version", "1.1").write(plugins.file("again.jar"));
        assertThat(host.start("again"))
                .extracting(PluginReport::version, PluginReport::state)
                .containsExactly("1.1", PluginState.STARTED);
        assertThatThrownBy(() -> host.stop("agian")).hasMessage("no plugin agian; there are again");
    }

    @Test
    void markersAndTheConfigurationLeavePluginsOut() throws Exception {
        PluginJar.plugin("one").write(plugins.file("one.jar"));
        PluginJar.plugin("two").write(plugins.file("two.jar"));
        PluginJar.plugin("three").write(plugins.file("three.jar.disabled"));
        PluginJar.plugin("four").write(plugins.file("four.jar"));
        Files.createFile(plugins.file("one.jar.disabled"));
        plugins.configure("two:\n  disabled: true\n");
        assertThat(plugins.start().reports())
                .extracting(PluginReport::id, PluginReport::state)
                .containsExactly(
                        tuple("four", PluginState.STARTED),
                        tuple("one", PluginState.DISABLED),
                        tuple("two", PluginState.DISABLED));
        assertThat(plugins.events).containsExactly("four: started");
    }

    @Test
    void missingDirectoryIsNoPlugins() throws Exception {
        assertThat(plugins.start().reports()).isEmpty();
    }

    @Test
    void leftoversOfAKilledHostAreRemoved() throws Exception {
        Files.createDirectories(plugins.staging().resolve("old-1"));
        Files.createFile(plugins.staging().resolve("old-1/x.jar"));
        PluginJar.plugin("one").write(plugins.file("one.jar"));
        plugins.start();
        assertThat(plugins.staged()).singleElement().asString().startsWith("one-");
    }

    @Test
    void hostRefusesToStartWithoutARequiredPlugin() throws Exception {
        PluginJar.plugin("good").write(plugins.file("good.jar"));
        PluginJar.plugin(
                        "bad",
                        "public void start(PluginContext c) throws Exception {"
                                + " throw new java.io.IOException(\"no licence\"); }")
                .write(plugins.file("bad.jar"));
        plugins.configure("bad.required: true\ngone.required: true\n");
        assertThatThrownBy(plugins::start)
                .isInstanceOf(PluginHostException.class)
                .hasMessageContaining("plugin bad 1.0.2 (plugins/bad.jar) is required and does not run: no licence.")
                .hasMessageContaining("plugin gone is required and not in " + plugins.file(""));
        assertThat(plugins.events).contains("good: stopped", "good: undone");
    }

    @Test
    void mistypedOptionStopsTheHost() throws Exception {
        PluginJar.plugin("good", """
            public record Config(@Setting(value = "1") int port) {}
            public void start(PluginContext c) { c.config(Config.class); }
            """).write(plugins.file("good.jar"));
        plugins.set("good.prot=2");
        assertThatThrownBy(plugins::start)
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("unknown key good.prot in --set good.prot, did you mean good.port?");
    }

    @Test
    void stoppedPluginsAreForgotten() throws Exception {
        PluginJar.plugin("leaky", """
            static final ThreadLocal<Object> KEPT = new ThreadLocal<>();
            PluginContext context;
            public void start(PluginContext c) {
                context = c;
                KEPT.set(new Main());
                System.getLogger("leaky").log(System.Logger.Level.DEBUG, "kept");
                c.log().log(System.Logger.Level.INFO, "loader", new Throwable());
            }
            """).write(plugins.file("leaky.jar"));
        PluginHost host = plugins.start();
        for (int cycle = 0; cycle < 5; cycle++) {
            if (cycle > 0) {
                assertThat(host.start("leaky").state()).isEqualTo(PluginState.STARTED);
            }
            assertThat(host.stop("leaky").state()).isEqualTo(PluginState.STOPPED);
        }
        assertForgotten(5);
    }

    @Test
    void failedPluginsAreForgotten() throws Exception {
        PluginJar.plugin("bad", """
            static class Failure extends RuntimeException {}
            public void start(PluginContext c) { throw new Failure(); }
            """).write(plugins.file("bad.jar"));
        plugins.start().start("bad");
        assertForgotten(2);
    }

    private void assertForgotten(int expected) {
        assertThat(plugins.loaders).hasSize(expected);
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            System.gc();
            assertThat(plugins.loaders)
                    .allSatisfy(loader -> assertThat(loader.get()).isNull());
        });
    }
}
