package org.millrace.host.plugin;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * A jar, or a folder of jars, in the plugins directory.
 *
 * @param path the jar or folder
 * @param jars the jar itself, or those in the folder, by name
 * @param disabled whether a marker file leaves it out
 */
record PluginSource(Path path, List<Path> jars, boolean disabled) {
    private static final String MARKER = ".disabled";

    /**
     * Looks for plugins. A file {@code http.jar.disabled} or {@code http.disabled} beside {@code http.jar} leaves that
     * plugin out; so does renaming the jar to {@code http.jar.disabled}, which then is no jar. Names that begin with a
     * dot are left alone.
     */
    static List<PluginSource> in(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<PluginSource> sources = new ArrayList<>();
        for (Path path : list(directory)) {
            at(path).ifPresent(sources::add);
        }
        return sources;
    }

    /** The plugin at a path as it is now; empty if there is neither a jar nor a folder of jars. */
    static Optional<PluginSource> at(Path path) throws IOException {
        String name = path.getFileName().toString();
        boolean disabled = Files.exists(path.resolveSibling(name + MARKER))
                || Files.exists(path.resolveSibling(stem(path) + MARKER));
        if (isJar(path)) {
            return Optional.of(new PluginSource(path, List.of(path), disabled));
        }
        if (Files.isDirectory(path)) {
            List<Path> jars = list(path).stream().filter(PluginSource::isJar).toList();
            return jars.isEmpty() ? Optional.empty() : Optional.of(new PluginSource(path, jars, disabled));
        }
        return Optional.empty();
    }

    /**
     * What tells this state of the files from another without reading them.
     *
     * @throws IOException if a file went away meanwhile
     */
    Fingerprint fingerprint() throws IOException {
        List<Fingerprint.File> files = new ArrayList<>(jars.size());
        for (Path jar : jars) {
            BasicFileAttributes attributes = Files.readAttributes(jar, BasicFileAttributes.class);
            files.add(new Fingerprint.File(
                    jar, attributes.size(), attributes.lastModifiedTime().toInstant(), attributes.fileKey()));
        }
        return new Fingerprint(files, disabled);
    }

    /** Whether every jar has a zip file's directory at its end; one that is still being copied has not. */
    boolean isComplete() {
        for (Path jar : jars) {
            try {
                new ZipFile(jar.toFile()).close();
            } catch (IOException e) {
                return false;
            }
        }
        return true;
    }

    /**
     * The state of a plugin's files.
     *
     * @param files by name
     * @param disabled whether a marker file leaves the plugin out
     */
    record Fingerprint(List<File> files, boolean disabled) {
        /**
         * One jar.
         *
         * @param key the file system's identity of the file, where it has one: a renamed jar may have size and time of
         *     the one it replaces
         */
        record File(
                Path path,
                long size,
                Instant modified,
                @Nullable Object key) {}
    }

    boolean isFolder() {
        return jars.size() != 1 || !jars.getFirst().equals(path);
    }

    /** The name of the jar without its ending, or of the folder. */
    String name() {
        return stem(path);
    }

    /** What the plugin is called as long as its manifest was not read; it has a path of that name. */
    String provisionalId() {
        return name().replaceAll("[^\\p{L}\\p{N}._-]", "-");
    }

    /** How the log names it: {@code plugins/amqp.jar}, with the directory's last name alone. */
    String label() {
        Path directory = path.toAbsolutePath().getParent();
        Path last = directory == null ? null : directory.getFileName();
        return last == null ? path.toString() : last.resolve(path.getFileName()).toString();
    }

    private static String stem(Path path) {
        String name = path.getFileName().toString();
        return name.endsWith(".jar") ? name.substring(0, name.length() - 4) : name;
    }

    private static boolean isJar(Path path) {
        return path.getFileName().toString().endsWith(".jar") && Files.isRegularFile(path);
    }

    private static List<Path> list(Path directory) throws IOException {
        List<Path> paths = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(
                directory, path -> !path.getFileName().toString().startsWith("."))) {
            entries.forEach(paths::add);
        }
        paths.sort(Comparator.comparing(path -> path.getFileName().toString()));
        return paths;
    }
}
