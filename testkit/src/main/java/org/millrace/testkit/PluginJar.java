package org.millrace.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.millrace.spi.plugin.Plugin;

/**
 * Packs a plugin as a host wants it, out of classes that are compiled already, so that a test can drop it into an {@link
 * EmbeddedHost}. What a good jar has is there unless it is altered: the manifest's {@code Plugin-Id}, {@code
 * Plugin-Version} and {@code Requires-Spi}, and the service file. For one thread.
 *
 * @since 0.1
 */
public final class PluginJar {
    private static final String SERVICE = "META-INF/services/" + Plugin.class.getName();
    private static final String MANIFEST = "META-INF/MANIFEST.MF";

    private final Map<String, byte[]> entries = new TreeMap<>();
    private final Map<String, String> manifest = new LinkedHashMap<>();

    private PluginJar(String id, Class<? extends Plugin> type) {
        manifest.put("Plugin-Id", id);
        manifest.put("Plugin-Version", "1.0.0");
        manifest.put("Requires-Spi", "0.1");
        entries.put(SERVICE, (type.getName() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Takes everything that was built together with the plugin: the folder or jar its class is in.
     *
     * @param id the plugin's id
     * @param type the plugin's class
     * @return a jar to be written
     * @throws IOException if the classes cannot be read
     */
    public static PluginJar ofModule(String id, Class<? extends Plugin> type) throws IOException {
        return new PluginJar(id, type).take(type, name -> !name.startsWith("META-INF/"));
    }

    /**
     * Takes the plugin's package and those below it, for a plugin that lives among other classes, such as tests.
     *
     * @param id the plugin's id
     * @param type the plugin's class
     * @return a jar to be written
     * @throws IOException if the classes cannot be read
     */
    public static PluginJar ofPackage(String id, Class<? extends Plugin> type) throws IOException {
        String folder = type.getPackageName().replace('.', '/') + '/';
        return new PluginJar(id, type).take(type, name -> name.startsWith(folder));
    }

    private PluginJar take(Class<?> type, Predicate<String> wanted) throws IOException {
        Path source = source(type);
        if (Files.isDirectory(source)) {
            takeFrom(source, wanted);
        } else {
            try (FileSystem jar = FileSystems.newFileSystem(source)) {
                takeFrom(jar.getPath("/"), wanted);
            }
        }
        return this;
    }

    private void takeFrom(Path root, Predicate<String> wanted) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(root)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            String name = root.relativize(file).toString().replace('\\', '/');
            if (wanted.test(name) && !name.equals("module-info.class")) {
                entries.putIfAbsent(name, Files.readAllBytes(file));
            }
        }
    }

    private static Path source(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(type + " is not from a folder or jar", e);
        }
    }

    /**
     * Sets a line of the manifest.
     *
     * @param name for example {@code Plugin-Version}
     * @param value the value
     * @return this jar
     */
    public PluginJar manifest(String name, String value) {
        manifest.put(name, value);
        return this;
    }

    /**
     * Adds an entry, or puts another in its place.
     *
     * @param name its path in the jar
     * @param bytes its content
     * @return this jar
     */
    public PluginJar entry(String name, byte[] bytes) {
        entries.put(name, bytes.clone());
        return this;
    }

    /**
     * Leaves something out, to see what a host says to that.
     *
     * @param name an entry's path, or the name of a line of the manifest
     * @return this jar
     */
    public PluginJar without(String name) {
        if (entries.remove(name) == null && manifest.remove(name) == null) {
            throw new IllegalArgumentException("neither an entry nor a line of the manifest is named " + name);
        }
        return this;
    }

    /**
     * Writes the jar under another name first and moves it into place, so that a host that watches the folder sees it
     * whole or not at all.
     *
     * @param file where to, replacing what is there
     * @return the file
     * @throws IOException if it cannot be written
     */
    public Path write(Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IOException(file + " is no file");
        }
        Files.createDirectories(parent);
        Path part = Files.createTempFile(parent, "plugin", ".part");
        try (OutputStream out = Files.newOutputStream(part);
                JarOutputStream jar = new JarOutputStream(out, head())) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                if (!entry.getKey().equals(MANIFEST)) {
                    jar.putNextEntry(new ZipEntry(entry.getKey()));
                    jar.write(entry.getValue());
                    jar.closeEntry();
                }
            }
        }
        return StagedFile.moveInto(part, file);
    }

    private Manifest head() throws IOException {
        Manifest head = new Manifest();
        byte[] own = entries.get(MANIFEST);
        if (own != null) {
            try (InputStream in = new java.io.ByteArrayInputStream(own)) {
                head.read(in);
            }
        }
        head.getMainAttributes().putIfAbsent(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.forEach(head.getMainAttributes()::putValue);
        return head;
    }
}
