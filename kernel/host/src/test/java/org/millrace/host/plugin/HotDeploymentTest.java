package org.millrace.host.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HotDeploymentTest {
    @TempDir
    Path root;

    private PluginDirectory plugins;

    @BeforeEach
    void open() throws Exception {
        plugins = new PluginDirectory(root);
        plugins.watch();
        PluginJar.plugin("steady").write(plugins.file("steady.jar"));
    }

    @AfterEach
    void close() throws IOException {
        plugins.close();
        assertThat(plugins.staged()).isEmpty();
    }

    @Test
    void droppedJarIsStarted() throws Exception {
        plugins.start();
        drop(PluginJar.plugin("late"), "late.jar");
        awaitState("late", PluginState.STARTED);
        assertThat(plugins.events).containsExactly("steady: started", "late: started");
    }

    @Test
    void aConfiguredPluginWithoutAJarIsShownUntilItComesAndThenConfigured() throws Exception {
        plugins.set("staedy.port=2");
        PluginHost host = plugins.start();

        assertThat(host.report("staedy").line())
                .isEqualTo("plugin staedy (no jar; configured in --set staedy.port, did you mean steady?) is awaited");
        assertThat(host.reports())
                .extracting(PluginReport::state)
                .containsExactly(PluginState.STARTED, PluginState.AWAITED);
        assertThatThrownBy(() -> host.start("staedy")).hasMessageEndingWith("; move its jar into " + plugins.file(""));

        drop(PluginJar.plugin("staedy", """
            public record Config(@Setting(value = "1") int port) {}
            public void start(PluginContext c) {
                if (c.config(Config.class).port() != 2) throw new IllegalStateException("not configured");
            }
            """), "staedy.jar");
        await().until(() -> host.report("staedy").state() == PluginState.STARTED);
        Files.delete(plugins.file("staedy.jar"));
        await().until(() -> host.report("staedy").state() == PluginState.AWAITED);
    }

    @Test
    void whatIsSetForALatePluginIsCheckedWhenItComes() throws Exception {
        plugins.set("late.prot=2");
        PluginHost host = plugins.start();

        drop(PluginJar.plugin("late", """
            public record Config(@Setting(value = "1") int port) {}
            public void start(PluginContext c) { c.config(Config.class); }
            """), "late.jar");

        await().until(() -> host.report("late").state() == PluginState.FAILED);
        assertThat(host.report("late").line())
                .contains("unknown key late.prot in --set late.prot, did you mean late.port?");
    }

    @Test
    void eachChangeOfAPluginIsTold() throws Exception {
        PluginHost host = plugins.start();
        plugins.news.clear();

        host.stop("steady");
        assertThat(plugins.news).as("stopping and stopped").containsExactly("steady", "steady");
        drop(PluginJar.plugin("late"), "late.jar");
        awaitState("late", PluginState.STARTED);
        Files.delete(plugins.file("late.jar"));
        await().until(() -> host.reports().size() == 1);

        assertThat(plugins.news.getLast()).isEqualTo("late");
    }

    @Test
    void ofADisabledPluginIsSaidHowToEnableIt() throws Exception {
        PluginHost host = plugins.start();
        Files.createFile(plugins.file("steady.jar.disabled"));
        await().until(() -> host.report("steady").state() == PluginState.DISABLED);
        assertThat(host.report("steady").line())
                .isEqualTo("plugin steady (plugins/steady.jar) is disabled, by a file plugins/steady.jar.disabled or by"
                        + " steady.disabled in the configuration");
    }

    @Test
    void aJarWhoseNameIsNoPathIsReportedUnderOneThatIs() throws Exception {
        PluginHost host = plugins.start();

        Files.writeString(plugins.file("a+b #1.jar"), "no jar");

        await().untilAsserted(() -> assertThat(host.reports())
                .extracting(PluginReport::id, PluginReport::source, PluginReport::state)
                .contains(tuple("a-b--1", "plugins/a+b #1.jar", PluginState.FAILED)));
    }

    @Test
    void removedJarIsStopped() throws Exception {
        PluginJar.plugin("leaving").write(plugins.file("leaving.jar"));
        PluginHost host = plugins.start();
        Files.delete(plugins.file("leaving.jar"));
        await().until(() -> host.reports().size() == 1);
        assertThat(plugins.events)
                .containsExactly("leaving: started", "steady: started", "leaving: stopped", "leaving: undone");
    }

    @Test
    void replacedJarTakesOver() throws Exception {
        PluginHost host = plugins.start();
        drop(PluginJar.plugin("steady").manifest("Plugin-Version", "1.1"), "steady.jar");
        awaitVersion("steady", "1.1");
        assertThat(plugins.events)
                .containsExactly("steady: started", "steady: stopped", "steady: undone", "steady: started");
        assertThat(host.reports()).hasSize(1);
    }

    @Test
    void oldPluginIsStartedAgainWhenTheNewOneDoesNotStart() throws Exception {
        PluginHost host = plugins.start();
        drop(
                PluginJar.plugin(
                                "steady",
                                "public void start(PluginContext c) { throw new RuntimeException(\"bad day\"); }")
                        .manifest("Plugin-Version", "1.1"),
                "steady.jar");
        await().until(() -> host.reports().getFirst().rejected() != null);
        assertThat(host.reports())
                .extracting(PluginReport::version, PluginReport::state)
                .containsExactly(tuple("1.0.2", PluginState.STARTED));
        assertThat(host.reports().getFirst().line())
                .contains("is started; the jar that was to replace it failed at start: ")
                .contains("bad day");
        assertThat(plugins.events)
                .containsSubsequence("steady: started", "steady: stopped", "steady: undone", "steady: started");
    }

    @Test
    void oldPluginIsNotEvenStoppedForAJarThatCannotBeVerified() throws Exception {
        PluginHost host = plugins.start();
        drop(PluginJar.plugin("steady").manifest("Requires-Spi", "9.0"), "steady.jar");
        await().until(() -> host.reports().getFirst().rejected() != null);
        assertThat(Objects.requireNonNull(host.reports().getFirst().rejected()).reason())
                .contains("requires SPI 9.0");
        assertThat(plugins.events).containsExactly("steady: started");
    }

    @Test
    void damagedJarIsReportedOnceItNoLongerGrows() throws Exception {
        PluginHost host = plugins.start();
        Files.writeString(plugins.file("broken.jar"), "no zip file");
        awaitState("broken", PluginState.FAILED);
        assertThat(host.reports().getLast().line()).contains("plugins/broken.jar", "cut short or damaged");
        drop(PluginJar.plugin("broken"), "broken.jar");
        awaitState("broken", PluginState.STARTED);
    }

    @Test
    void jarThatIsCopiedSlowlyIsTakenUpOnceItIsWhole() throws Exception {
        PluginHost host = plugins.start();
        byte[] bytes = Files.readAllBytes(
                PluginJar.plugin("slow").write(plugins.file("elsewhere").resolveSibling(".slow.tmp")));
        try (OutputStream out = Files.newOutputStream(plugins.file("slow.jar"))) {
            for (int from = 0; from < bytes.length; from += 64) {
                out.write(bytes, from, Math.min(64, bytes.length - from));
                out.flush();
                LockSupport.parkNanos(5_000_000);
            }
        }
        awaitState("slow", PluginState.STARTED);
        assertThat(host.reports()).hasSize(2);
        assertThat(plugins.events).containsExactly("steady: started", "slow: started");
    }

    @Test
    void movedJarRunsOnUnderItsNewName() throws Exception {
        PluginHost host = plugins.start();
        Files.move(plugins.file("steady.jar"), plugins.file("steady-1.0.jar"));
        await().until(() -> host.reports().getFirst().source().endsWith("steady-1.0.jar"));
        awaitState("steady", PluginState.STARTED);
        assertThat(host.reports()).hasSize(1);
    }

    @Test
    void markerStopsAPluginAndItsRemovalStartsIt() throws Exception {
        plugins.start();
        Path marker = Files.createFile(plugins.file("steady.jar.disabled"));
        awaitState("steady", PluginState.DISABLED);
        Files.delete(marker);
        awaitState("steady", PluginState.STARTED);
    }

    @Test
    void secondJarOfARunningPluginIsRefused() throws Exception {
        PluginHost host = plugins.start();
        drop(PluginJar.plugin("steady"), "copy.jar");
        await().until(() -> host.reports().size() == 2);
        assertThat(host.reports().getLast().line())
                .contains("plugin id steady runs already from plugins/steady.jar")
                .contains("Remove one of them.");
        assertThat(host.reports().getFirst().state()).isEqualTo(PluginState.STARTED);
    }

    @Test
    void reloadingStartsAPluginAnewFromItsJar() throws Exception {
        PluginHost host = plugins.start();
        assertThat(host.reload("steady").state()).isEqualTo(PluginState.STARTED);
        assertThat(plugins.events)
                .containsExactly("steady: started", "steady: stopped", "steady: undone", "steady: started");
    }

    @Test
    void fiftyReplacementsLeaveNoClassLoaderBehind() throws Exception {
        PluginHost host = plugins.start();
        for (int i = 0; i < 50; i++) {
            host.reload("steady");
        }
        await().untilAsserted(() -> {
            System.gc();
            assertThat(plugins.loaders).hasSize(50).allMatch(loader -> loader.get() == null);
        });
    }

    /** As an operator should: written elsewhere, then moved into place at one stroke. */
    private void drop(PluginJar jar, String name) throws IOException {
        Path written = jar.write(plugins.file("." + name));
        Files.move(written, plugins.file(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private void awaitState(String id, PluginState state) {
        await().untilAsserted(() -> assertThat(plugins.host().reports())
                .extracting(PluginReport::id, PluginReport::state)
                .contains(tuple(id, state)));
    }

    private void awaitVersion(String id, String version) {
        await().untilAsserted(() -> assertThat(plugins.host().reports())
                .extracting(PluginReport::id, PluginReport::version, PluginReport::state)
                .contains(tuple(id, version, PluginState.STARTED)));
    }
}
