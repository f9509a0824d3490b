package org.millrace.host.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.millrace.spi.plugin.Plugin;

/** Compiles sources and packs them as a plugin's jar. What a good jar has is there unless it is taken away. */
final class PluginJar {
    static final String SERVICE = "META-INF/services/org.millrace.spi.plugin.Plugin";

    private final Map<String, byte[]> entries = new TreeMap<>();
    private final Map<String, String> manifest = new LinkedHashMap<>();
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Map<String, byte[]> library = new LinkedHashMap<>();
    private boolean withSpi = true;

    /** A library: no plugin, no manifest entries. */
    static PluginJar library() {
        return new PluginJar();
    }

    /** A plugin whose class {@code plugin.Main} has these members. */
    static PluginJar plugin(String id, String members) {
        PluginJar jar = new PluginJar();
        jar.manifest.put("Plugin-Id", id);
        jar.manifest.put("Plugin-Version", "1.0.2");
        jar.manifest.put("Requires-Spi", "0.1");
        jar.entries.put(SERVICE, "plugin.Main\n".getBytes(StandardCharsets.UTF_8));
        return jar.source("plugin.Main", """
            package plugin;
            import org.millrace.spi.plugin.*;
            public class Main implements Plugin {
            %s
            }
            """.formatted(members));
    }

    /** A plugin that only says that it was started and stopped. */
    static PluginJar plugin(String id) {
        return plugin(id, """
            PluginContext context;
            public void start(PluginContext c) {
                context = c;
                c.log().log(System.Logger.Level.INFO, "started");
            }
            public void stop() {
                context.log().log(System.Logger.Level.INFO, "stopped");
            }
            """);
    }

    PluginJar source(String name, String text) {
        sources.put(name, text);
        return this;
    }

    /** Makes another jar's classes visible to the compiler without packing them. */
    PluginJar compiledAgainst(PluginJar other) {
        library.putAll(other.compile());
        withSpi = other.sources.keySet().stream().noneMatch(name -> name.startsWith("org.millrace.spi"));
        return this;
    }

    PluginJar entry(String name, String text) {
        entries.put(name, text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    PluginJar without(String entry) {
        entries.remove(entry);
        return this;
    }

    PluginJar manifest(String name, String value) {
        manifest.put(name, value);
        return this;
    }

    PluginJar withoutManifest(String name) {
        manifest.remove(name);
        return this;
    }

    /** Writes the jar. */
    Path write(Path file) throws IOException {
        return write(file, compile());
    }

    /** Writes the jar as if a later Java's compiler had made its classes. */
    Path writeForJava(int feature, Path file) throws IOException {
        Map<String, byte[]> classes = compile();
        classes.values().forEach(bytes -> bytes[7] = (byte) (feature + 44));
        return write(file, classes);
    }

    private Path write(Path file, Map<String, byte[]> classes) throws IOException {
        Manifest head = new Manifest();
        head.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.forEach(head.getMainAttributes()::putValue);
        Files.createDirectories(file.getParent());
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(file), head)) {
            Map<String, byte[]> all = new TreeMap<>(entries);
            all.putAll(classes);
            for (Map.Entry<String, byte[]> entry : all.entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue());
                out.closeEntry();
            }
        }
        return file;
    }

    private Map<String, byte[]> compile() {
        if (sources.isEmpty()) {
            return new TreeMap<>();
        }
        var compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        try (StandardJavaFileManager standard = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8);
                ClassesInMemory files = new ClassesInMemory(standard, library)) {
            List<JavaFileObject> units = new ArrayList<>();
            sources.forEach((name, text) -> units.add(new Source(name, text)));
            List<String> options = new ArrayList<>(List.of("-proc:none", "-implicit:none", "-classpath"));
            options.add(withSpi ? location(Plugin.class) : "");
            boolean compiled = compiler.getTask(new StringWriter(), files, diagnostics, options, null, units)
                    .call();
            assertThat(compiled).as("%s", diagnostics.getDiagnostics()).isTrue();
            return files.made();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String location(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String name, String text) {
            super(URI.create("string:///" + name.replace('.', '/') + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    private static final class ClassesInMemory extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, ByteArrayOutputStream> made = new TreeMap<>();
        private final Map<String, byte[]> library;

        ClassesInMemory(JavaFileManager standard, Map<String, byte[]> library) {
            super(standard);
            this.library = library;
        }

        Map<String, byte[]> made() {
            Map<String, byte[]> classes = new TreeMap<>();
            made.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
            return classes;
        }

        @Override
        public Iterable<JavaFileObject> list(
                Location location, String packageName, java.util.Set<JavaFileObject.Kind> kinds, boolean recurse)
                throws IOException {
            List<JavaFileObject> files = new ArrayList<>();
            super.list(location, packageName, kinds, recurse).forEach(files::add);
            if (location == javax.tools.StandardLocation.CLASS_PATH) {
                library.forEach((name, bytes) -> {
                    String inPackage = name.substring(0, Math.max(0, name.lastIndexOf('/')))
                            .replace('/', '.');
                    if (inPackage.equals(packageName)) {
                        files.add(new LibraryClass(name, bytes));
                    }
                });
            }
            return files;
        }

        @Override
        public String inferBinaryName(Location location, JavaFileObject file) {
            return file instanceof LibraryClass known ? known.binaryName : super.inferBinaryName(location, file);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            String name = className.replace('.', '/') + ".class";
            return new SimpleJavaFileObject(URI.create("mem:///" + name), kind) {
                @Override
                public java.io.OutputStream openOutputStream() {
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    made.put(name, bytes);
                    return bytes;
                }
            };
        }
    }

    private static final class LibraryClass extends SimpleJavaFileObject {
        private final String binaryName;
        private final byte[] bytes;

        LibraryClass(String name, byte[] bytes) {
            super(URI.create("mem:///" + name), Kind.CLASS);
            this.binaryName =
                    name.substring(0, name.length() - ".class".length()).replace('/', '.');
            this.bytes = bytes;
        }

        @Override
        public java.io.InputStream openInputStream() {
            return new java.io.ByteArrayInputStream(bytes);
        }
    }
}
