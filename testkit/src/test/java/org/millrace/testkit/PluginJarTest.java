package org.millrace.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.plugin.Plugin;
import org.millrace.spi.plugin.PluginContext;

class PluginJarTest {
    private static final String SERVICE = "META-INF/services/org.millrace.spi.plugin.Plugin";

    @TempDir
    Path folder;

    /** Has a class of its own within. */
    static final class Nothing implements Plugin {
        @Override
        public void start(PluginContext context) {
            Runnable nothing = new Runnable() {
                @Override
                public void run() {}
            };
            nothing.run();
        }
    }

    private static List<String> names(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream().map(JarEntry::getName).toList();
        }
    }

    private static String text(Path jar, String entry) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return new String(file.getInputStream(file.getEntry(entry)).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void whatAHostWantsIsThere() throws IOException {
        Path jar = PluginJar.ofPackage("nothing", Nothing.class)
                .manifest("Plugin-Version", "2.1")
                .write(folder.resolve("nothing.jar"));

        assertThat(text(jar, SERVICE)).isEqualTo("org.millrace.testkit.PluginJarTest$Nothing\n");
        assertThat(text(jar, "META-INF/MANIFEST.MF"))
                .contains("Plugin-Id: nothing", "Plugin-Version: 2.1", "Requires-Spi: 0.1");
        assertThat(names(jar))
                .contains(
                        "org/millrace/testkit/PluginJarTest$Nothing.class",
                        "org/millrace/testkit/PluginJarTest$Nothing$1.class");
    }

    @Test
    void ofAPackageNothingElseIsTaken() throws IOException {
        Path jar = PluginJar.ofPackage("nothing", Nothing.class).write(folder.resolve("nothing.jar"));

        assertThat(names(jar))
                .allMatch(name -> name.startsWith("org/millrace/testkit/") || name.startsWith("META-INF/"));
    }

    @Test
    void aModuleIsTakenAsAWholeAlsoOutOfAJar() throws Exception {
        Path first = PluginJar.ofModule("nothing", Nothing.class).write(folder.resolve("first.jar"));
        assertThat(names(first)).contains("org/millrace/testkit/InMemoryHostTest.class");
        try (PluginLoader loader = new PluginLoader(first)) {
            Class<? extends Plugin> packed = loader.load(Nothing.class.getName());

            Path second = PluginJar.ofModule("nothing", packed).write(folder.resolve("second.jar"));

            assertThat(names(second)).containsExactlyInAnyOrderElementsOf(names(first));
        }
    }

    /** Takes the tests' own classes out of a jar. */
    private static final class PluginLoader extends URLClassLoader {
        PluginLoader(Path jar) throws IOException {
            super(new URL[] {jar.toUri().toURL()}, Plugin.class.getClassLoader());
        }

        Class<? extends Plugin> load(String name) throws ClassNotFoundException {
            return findClass(name).asSubclass(Plugin.class);
        }
    }

    @Test
    void entriesAreAddedAndLeftOut() throws IOException {
        Path jar = PluginJar.ofPackage("nothing", Nothing.class)
                .entry("hello.txt", "hello".getBytes(StandardCharsets.UTF_8))
                .without(SERVICE)
                .without("Requires-Spi")
                .write(folder.resolve("nothing.jar"));

        assertThat(text(jar, "hello.txt")).isEqualTo("hello");
        assertThat(names(jar)).doesNotContain(SERVICE);
        assertThat(text(jar, "META-INF/MANIFEST.MF")).doesNotContain("Requires-Spi");
    }

    @Test
    void whatIsNotThereCannotBeLeftOut() throws IOException {
        PluginJar jar = PluginJar.ofPackage("nothing", Nothing.class);

        assertThatThrownBy(() -> jar.without("Plugin-ID")).hasMessageContaining("Plugin-ID");
    }

    @Test
    void aFileThatIsThereIsReplacedAndNoPartIsLeft() throws IOException {
        Path file = Files.writeString(folder.resolve("nothing.jar"), "old");
        PluginJar.ofPackage("nothing", Nothing.class).write(file);

        assertThat(names(file)).contains(SERVICE);
        assertThat(folder).isDirectoryContaining("glob:**nothing.jar");
        assertThat(folder.toFile().list()).hasSize(1);
    }
}
