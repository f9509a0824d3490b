package org.millrace.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/** An unpacked distribution. Its classes are loaded once in a JVM, since a native library can be loaded only once. */
final class Distribution {
    static final String HOME = "millrace.home";

    private static final Map<Path, ToolProvider> LOADED = new ConcurrentHashMap<>();

    private final Path home;

    private Distribution(Path home) {
        this.home = home;
    }

    static Distribution installed() {
        String home = System.getProperty(HOME);
        if (home == null || !Files.isDirectory(Path.of(home, "lib"))) {
            throw new IllegalStateException("the system property " + HOME + " has to name an unpacked distribution of"
                    + " Millrace; it is " + (home == null ? "not set" : home));
        }
        if (!Object.class.getModule().isOpen("java.nio", Distribution.class.getModule())) {
            throw new IllegalStateException("a host in this JVM needs the options " + options()
                    + "; with Maven, put them into the argLine of surefire and failsafe");
        }
        return new Distribution(Path.of(home));
    }

    /** The JVM options that the distribution's own start script has. */
    private static String options() {
        try (InputStream text = Distribution.class.getResourceAsStream("jvm-options.txt")) {
            return new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A plugin that it ships. */
    Path plugin(String id) throws IOException {
        Path jar = home.resolve("plugins").resolve(id + ".jar");
        if (!Files.exists(jar)) {
            try (Stream<Path> files = Files.list(home.resolve("plugins"))) {
                throw new IllegalArgumentException("the distribution has no plugin " + id + "; there are "
                        + new TreeSet<>(
                                files.map(file -> file.getFileName().toString()).toList()));
            }
        }
        return jar;
    }

    ToolProvider commandLine() {
        return LOADED.computeIfAbsent(home.toAbsolutePath().normalize(), Distribution::load);
    }

    private static ToolProvider load(Path home) {
        List<URL> jars = new ArrayList<>();
        try (Stream<Path> files = Files.list(home.resolve("lib"))) {
            for (Path file : files.sorted().toList()) {
                jars.add(file.toUri().toURL());
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + home.resolve("lib"), e);
        }
        ClassLoader classes =
                new URLClassLoader("millrace", jars.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        return ServiceLoader.load(ToolProvider.class, classes).stream()
                .filter(provider -> provider.type().getClassLoader() == classes)
                .map(ServiceLoader.Provider::get)
                .filter(tool -> tool.name().equals("millrace"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        home + " holds no Millrace that can be run in this JVM; the testkit is of another version"));
    }
}
