package org.millrace.host.operation;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A folder that appears under its name only when it is complete: it is filled under another and renamed. */
final class Folders {
    private static final String INCOMPLETE = ".incomplete";

    private Folders() {}

    /** The folder to fill first; refuses if the final one has anything in it. */
    static Path begin(Path target) throws IOException {
        if (Files.exists(target) && (!Files.isDirectory(target) || !isEmpty(target))) {
            throw new OperationException(target + " is there and not empty; nothing was written. Name a new folder");
        }
        Path incomplete = target.resolveSibling(target.getFileName() + INCOMPLETE);
        if (Files.exists(incomplete)) {
            throw new OperationException(incomplete + " is there: another run is under way, or one was interrupted."
                    + " Remove it if none is under way");
        }
        Files.createDirectories(incomplete);
        return incomplete;
    }

    /** Gives the filled folder its name, so that it survives a power cut. */
    static void complete(Path incomplete, Path target) throws IOException {
        try (Stream<Path> all = Files.walk(incomplete)) {
            for (Path path : all.toList()) {
                sync(path);
            }
        }
        if (Files.exists(target)) {
            Files.delete(target);
        }
        Files.move(incomplete, target, StandardCopyOption.ATOMIC_MOVE);
        @Nullable Path parent = target.toAbsolutePath().getParent();
        if (parent != null) {
            sync(parent);
        }
    }

    private static void sync(Path path) throws IOException {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        if (posix || !Files.isDirectory(path)) {
            try (FileChannel channel = FileChannel.open(
                    path, Files.isDirectory(path) ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
    }

    static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }

    /** The files in a folder and the folders in it. */
    static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
