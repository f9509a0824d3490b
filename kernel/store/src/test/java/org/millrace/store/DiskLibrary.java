package org.millrace.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Compiles {@code src/test/c/disk.c}, which stands between a forked process and its disk. */
final class DiskLibrary {
    private DiskLibrary() {}

    /** Makes the library in a folder. */
    static Path compile(Path folder) throws IOException, InterruptedException {
        Path library = folder.resolve("libdisk.so");
        Process gcc = new ProcessBuilder(List.of(
                        "gcc",
                        "-std=gnu11",
                        "-Wall",
                        "-Werror",
                        "-shared",
                        "-fPIC",
                        "-O2",
                        "-o",
                        library.toString(),
                        Path.of("src/test/c/disk.c").toAbsolutePath().toString(),
                        "-ldl",
                        "-lpthread"))
                .inheritIO()
                .start();
        if (!gcc.waitFor(60, TimeUnit.SECONDS) || gcc.exitValue() != 0) {
            throw new IllegalStateException("src/test/c/disk.c was not compiled; is gcc there?");
        }
        return library;
    }
}
