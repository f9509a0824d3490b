package org.millrace.host.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each way a plugin was seen to fail, beside a plugin that must keep running. */
class PluginFailureTest {
    @TempDir
    Path root;

    private PluginDirectory plugins;

    @BeforeEach
    void oneGoodPlugin() throws IOException {
        plugins = new PluginDirectory(root);
        PluginJar.plugin("good").write(plugins.file("good.jar"));
    }

    @AfterEach
    void theGoodOneRanAllTheWhile() throws IOException {
        assertThat(plugins.events).contains("good: started").doesNotContain("good: stopped");
        plugins.close();
        assertThat(plugins.events).contains("good: stopped");
        assertThat(plugins.staged()).isEmpty();
    }

    @Test
    void halfCopiedJarIsReported() throws Exception {
        byte[] whole = Files.readAllBytes(PluginJar.plugin("bad").write(root.resolve("whole.jar")));
        Files.write(plugins.file("bad.jar"), Arrays.copyOf(whole, whole.length / 2));
        assertThat(plugins.lineOf("bad"))
                .startsWith("plugin bad (plugins/bad.jar) failed at verify: bad.jar is no readable jar (")
                .endsWith("): it is cut short or damaged. Other plugins keep running. Copy it again, under another name"
                        + " first, then rename it.");
    }

    @Test
    void emptyFileIsReported() throws Exception {
        Files.createFile(plugins.file("bad.jar"));
        assertThat(plugins.lineOf("bad")).contains("failed at verify: bad.jar is no readable jar (");
    }

    @Test
    void damagedClassIsReportedBeforeItLoads() throws Exception {
        Path jar = PluginJar.plugin("bad").write(plugins.file("bad.jar"));
        byte[] bytes = Files.readAllBytes(jar);
        // The stored checksum of the class in the central directory, right after its signature, versions and times.
        int central = indexOf(bytes, "504b0102", indexOf(bytes, "504b0102", indexOf(bytes, "504b0102", 0) + 1) + 1);
        bytes[central + 16] ^= 1;
        Files.write(jar, bytes);
        assertThat(plugins.lineOf("bad")).contains("failed at verify: bad.jar is no readable jar (checksum of ");
    }

    @Test
    void jarWithoutProviderFileIsReported() throws Exception {
        PluginJar.plugin("bad").without(PluginJar.SERVICE).write(plugins.file("bad.jar"));
        assertThat(plugins.lineOf("bad"))
                .contains("failed at verify: no META-INF/services/org.millrace.spi.plugin.Plugin in it, so it is no"
                        + " plugin. Other plugins keep running. Add the file");
    }

    @Test
    void twoProvidersAreReported() throws Exception {
        PluginJar.plugin("bad")
                .entry(PluginJar.SERVICE, "# ours\nplugin.Main\nplugin.Other # and theirs\n")
                .write(plugins.file("bad.jar"));
        assertThat(plugins.lineOf("bad")).contains("names 2 plugins (plugin.Main, plugin.Other)");
    }

    @Test
    void missingManifestEntriesAreReported() throws Exception {
        PluginJar.plugin("a").withoutManifest("Plugin-Id").write(plugins.file("no-id.jar"));
        PluginJar.plugin("no-version").withoutManifest("Plugin-Version").write(plugins.file("no-version.jar"));
        PluginJar.plugin("no-spi").withoutManifest("Requires-Spi").write(plugins.file("no-spi.jar"));
        plugins.start();
        assertThat(plugins.host().reports())
                .extracting(PluginReport::line)
                .anySatisfy(line -> assertThat(line).contains("plugin no-id", "its manifest has no Plugin-Id"))
                .anySatisfy(line -> assertThat(line).contains("plugin no-version", "has no Plugin-Version"))
                .anySatisfy(line -> assertThat(line).contains("plugin no-spi", "has no Requires-Spi"));
    }

    @Test
    void unusableIdIsReported() throws Exception {
        PluginJar.plugin("Bad Id").write(plugins.file("bad.jar"));
        assertThat(plugins.lineOf("bad")).contains("Plugin-Id 'Bad Id' in its manifest is no plugin id");
    }

    @Test
    void idOfAHostKeyIsRefused() throws Exception {
        PluginJar.plugin("journal").write(plugins.file("bad.jar"));
        assertThat(plugins.lineOf("journal")).contains("its id journal is a key of the host's own configuration");
    }

    @Test
    void anotherSpiVersionIsReported() throws Exception {
        PluginJar.plugin("bad").manifest("Requires-Spi", "1.2").write(plugins.file("bad.jar"));
        PluginJar.plugin("odd").manifest("Requires-Spi", "latest").write(plugins.file("odd.jar"));
        assertThat(plugins.lineOf("bad")).contains("it requires SPI 1.2, this host offers 0.1");
        assertThat(plugins.host().reports())
                .extracting(PluginReport::line)
                .anySatisfy(line -> assertThat(line).contains("'latest' is no SPI version; write for example 0.1"));
    }

    @Test
    void aJarForAnotherPlatformIsReportedBeforeItLoads() throws Exception {
        String here = HostPlatform.current().toString();
        PluginJar.plugin("bad").manifest("Requires-Platform", "zos-s390").write(plugins.file("bad.jar"));
        PluginJar.plugin("fits")
                .manifest("Requires-Platform", "zos-s390, " + here)
                .write(plugins.file("fits.jar"));
        assertThat(plugins.lineOf("bad"))
                .contains("failed at verify: it runs on zos-s390, this host is on " + here)
                .contains("Install a build of the plugin for " + here);
        assertThat(plugins.events).contains("fits: started").doesNotContain("bad: started");
    }

    @Test
    void bundledSpiIsReported() throws Exception {
        PluginJar.plugin("bad")
                .entry("org/millrace/spi/plugin/Plugin.class", "x")
                .write(plugins.file("bad.jar"));
        assertThat(plugins.lineOf("bad"))
                .contains("bad.jar bundles the SPI (org/millrace/spi/plugin/Plugin.class), which is the host's");
    }

    @Test
    void twoJarsWithOneIdAreBothRefused() throws Exception {
        PluginJar.plugin("twin").write(plugins.file("one.jar"));
        PluginJar.plugin("twin").write(plugins.file("two.jar"));
        assertThat(plugins.lineOf("twin")).contains("plugin id twin is in plugins/one.jar and plugins/two.jar");
        assertThat(plugins.events).doesNotContain("twin: started");
    }

    @Test
    void misnamedFolderIsReported() throws Exception {
        PluginJar.plugin("bad").write(plugins.file("folder").resolve("bad.jar"));
        assertThat(plugins.lineOf("folder"))
                .contains("the folder holds plugin bad. Other plugins keep running. Rename");
    }

    @Test
    void missingProviderClassIsReported() throws Exception {
        PluginJar.plugin("bad").entry(PluginJar.SERVICE, "plugin.Gone").write(plugins.file("bad.jar"));
        assertThat(plugins.lineOf("bad")).contains("failed at load: Provider plugin.Gone not found");
    }

    @Test
    void providerOfAnotherTypeIsReported() throws Exception {
        PluginJar.plugin("bad")
                .source("plugin.Other", "package plugin; public class Other {}")
                .entry(PluginJar.SERVICE, "plugin.Other")
                .write(plugins.file("bad.jar"));
        assertThat(plugins.lineOf("bad")).contains("failed at load: plugin.Other not a subtype");
    }

    @Test
    void exceptionInTheConstructorIsReported() throws Exception {
        PluginJar.plugin("bad", """
            public Main() { throw new IllegalStateException("no"); }
            public void start(PluginContext c) {}
            """).write(plugins.file("bad.jar"));
        assertThat(plugins.lineOf("bad"))
                .contains("failed at load: java.lang.IllegalStateException: no at"
                        + " plugin-bad//plugin.Main.<init>(Main.java:");
    }

    @Test
    void missingLibraryIsReportedAtStart() throws Exception {
        PluginJar library = PluginJar.library().source("lib.Codec", "package lib; public class Codec {}");
        PluginJar.plugin("bad", "public void start(PluginContext c) { new lib.Codec(); }")
                .compiledAgainst(library)
                .write(plugins.file("bad.jar"));
        assertThat(plugins.lineOf("bad"))
                .isEqualTo("plugin bad 1.0.2 (plugins/bad.jar) failed at start: class lib.Codec is missing from the"
                        + " plugin. Other plugins keep running. Add the library that holds it to the plugin's jar,"
                        + " or put both in a folder of the plugins directory.");
    }

    @Test
    void newerClassFilesAreReported() throws Exception {
        int later = Runtime.version().feature() + 3;
        PluginJar.plugin("bad").writeForJava(later, plugins.file("bad.jar"));
        assertThat(plugins.lineOf("bad"))
                .contains("failed at load: it was built for Java " + later + ", the host runs on Java ");
    }

    @Test
    void removedSpiMethodIsReported() throws Exception {
        PluginJar olderSpi = PluginJar.library()
                .source(
                        "org.millrace.spi.plugin.PluginContext",
                        "package org.millrace.spi.plugin; public interface PluginContext { void abolished(); }")
                .source(
                        "org.millrace.spi.plugin.Plugin",
                        "package org.millrace.spi.plugin; public interface Plugin { void start(PluginContext c); }");
        PluginJar.plugin("bad", "public void start(PluginContext c) { c.abolished(); }")
                .compiledAgainst(olderSpi)
                .write(plugins.file("bad.jar"));
        assertThat(plugins.lineOf("bad"))
                .contains("failed at start: it was built against another version of the SPI or of a library:"
                        + " java.lang.NoSuchMethodError: ")
                .contains("abolished");
    }

    @Test
    void exceptionInStartIsReportedAndUndone() throws Exception {
        PluginJar.plugin("bad", """
            PluginContext context;
            public void start(PluginContext c) throws Exception {
                context = c;
                throw new java.net.BindException("cannot bind 127.0.0.1:5672, address in use");
            }
            public void stop() { context.log().log(System.Logger.Level.INFO, "stopped"); }
            """).write(plugins.file("bad.jar"));
        assertThat(plugins.lineOf("bad"))
                .isEqualTo("plugin bad 1.0.2 (plugins/bad.jar) failed at start: cannot bind 127.0.0.1:5672, address in"
                        + " use. Other plugins keep running. Mend the cause, then start it again (millrace plugin"
                        + " start bad) or the host, or set bad.disabled to true.");
        assertThat(plugins.events).containsSubsequence("bad: stopped", "bad: undone");
    }

    @Test
    void unknownConfigurationKeyIsReported() throws Exception {
        PluginJar.plugin("bad", """
            public record Config(@Setting(value = "1") int port) {}
            public void start(PluginContext c) { c.config(Config.class); }
            """).write(plugins.file("bad.jar"));
        plugins.configure("bad:\n  prot: 1\n");
        assertThat(plugins.lineOf("bad"))
                .contains("failed at start: unknown key bad.prot at " + root.resolve("conf.yaml")
                        + ":2, did you mean bad.port? Other plugins keep running. Correct its section, then restart.");
    }

    @Test
    void startThatNeverReturnsIsGivenUp() throws Exception {
        plugins.limit(Duration.ofMillis(1500));
        PluginJar.plugin("bad", """
            public void start(PluginContext c) throws Exception { new java.util.concurrent.CountDownLatch(1).await(); }
            """).write(plugins.file("bad.jar"));
        assertThat(plugins.lineOf("bad"))
                .contains("failed at start: it did not return within 1500 ms, was at"
                        + " plugin-bad//plugin.Main.start(Main.java:")
                .endsWith("Raise plugins.start-timeout if it needs more time.");
        assertThat(plugins.events).contains("bad: undone");
    }

    @Test
    void endlessRecursionIsThePluginsFailure() throws Exception {
        PluginJar.plugin("bad", "public void start(PluginContext c) { start(c); }")
                .write(plugins.file("bad.jar"));
        assertThat(plugins.lineOf("bad")).contains("failed at start: java.lang.StackOverflowError");
    }

    @Test
    void exceptionInStopIsReportedAndTheRestUndone() throws Exception {
        PluginJar.plugin("bad", """
            public void start(PluginContext c) {}
            public void stop() { throw new IllegalStateException("stuck"); }
            """).write(plugins.file("bad.jar"));
        plugins.start();
        assertThat(plugins.host().stop("bad").line())
                .contains("failed at stop: java.lang.IllegalStateException: stuck at"
                        + " plugin-bad//plugin.Main.stop(Main.java:");
        assertThat(plugins.events).contains("bad: undone");
    }

    @Test
    void failureOfTheJvmItselfIsNotSwallowed() throws Exception {
        try (PluginDirectory others = new PluginDirectory(Files.createDirectory(root.resolve("others")))) {
            PluginJar.plugin("bad", "public void start(PluginContext c) { throw new OutOfMemoryError(\"pretended\"); }")
                    .write(others.file("bad.jar"));
            assertThatThrownBy(others::start).isInstanceOf(OutOfMemoryError.class);
        }
        plugins.start();
    }

    private static int indexOf(byte[] bytes, String hex, int from) {
        byte[] wanted = HexFormat.of().parseHex(hex);
        for (int i = from; i <= bytes.length - wanted.length; i++) {
            if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        throw new AssertionError("no " + hex);
    }
}
