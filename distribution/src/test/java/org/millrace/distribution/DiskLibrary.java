package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The library that comes between a host and its disk; the store's own tests have its source. */
final class DiskLibrary {
    private static final Path SOURCE = Path.of("../kernel/store/src/test/c/disk.c");

    private DiskLibrary() {}

    /** Compiles it into a folder. */
    static Path compile(Path folder) throws IOException, InterruptedException {
        Path library = folder.toAbsolutePath().resolve("libdisk.so");
        Process gcc = new ProcessBuilder(List.of(
                        "gcc",
                        "-std=gnu11",
                        "-shared",
                        "-fPIC",
                        "-o",
                        library.toString(),
                        SOURCE.toString(),
                        "-ldl",
                        "-lpthread"))
                .inheritIO()
                .start();
        assertThat(gcc.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(gcc.exitValue()).isZero();
        return library;
    }
}
