package org.millrace.host.plugin;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

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
            String name = path.getFileName().toString();
            boolean disabled = Files.exists(path.resolveSibling(name + MARKER))
                    || Files.exists(path.resolveSibling(stem(path) + MARKER));
            if (isJar(path)) {
                sources.add(new PluginSource(path, List.of(path), disabled));
            } else if (Files.isDirectory(path)) {
                List<Path> jars =
                        list(path).stream().filter(PluginSource::isJar).toList();
                if (!jars.isEmpty()) {
                    sources.add(new PluginSource(path, jars, disabled));
                }
            }
        }
        return sources;
    }

    boolean isFolder() {
        return jars.size() != 1 || !jars.getFirst().equals(path);
    }

    /** What it is called as long as its manifest was not read. */
    String name() {
        return stem(path);
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
