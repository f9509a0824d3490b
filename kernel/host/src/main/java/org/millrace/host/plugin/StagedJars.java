package org.millrace.host.plugin;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies of a plugin's jars. A jar that is overwritten while it is loaded breaks class loading in ways that name neither
 * the jar nor the reason.
 *
 * @param directory holds only these copies
 * @param jars in the order of the source's
 */
record StagedJars(Path directory, List<Path> jars) {
    static StagedJars copy(PluginSource source, Path staging) throws IOException {
        Files.createDirectories(staging);
        Path directory = Files.createTempDirectory(staging, source.name() + "-");
        List<Path> copies = new ArrayList<>();
        for (Path jar : source.jars()) {
            copies.add(Files.copy(jar, directory.resolve(jar.getFileName())));
        }
        return new StagedJars(directory, List.copyOf(copies));
    }

    URL[] urls() {
        return jars.stream().map(StagedJars::url).toArray(URL[]::new);
    }

    /** Removes a directory of copies with all in it; does nothing if there is none. */
    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalStateException("file system of " + jar + " has no URLs", e);
        }
    }
}
