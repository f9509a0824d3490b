package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A client program of another maker, started by a script in {@code src/test/clients}. Used by one thread. */
final class ClientProgram implements AutoCloseable {
    private final Process process;
    private final Path output;

    private ClientProgram(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    static ClientProgram start(Path folder, String... command) {
        try {
            Path output = Files.createTempFile(folder, "client", ".out");
            Process process = new ProcessBuilder(command)
                    .directory(Path.of("src/test/clients").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            return new ClientProgram(process, output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a program to its end and gives its lines. */
    static List<String> run(Path folder, String... command) {
        try (ClientProgram program = start(folder, command)) {
            assertThat(program.process.waitFor(60, TimeUnit.SECONDS))
                    .as("ended: %s", program.lines())
                    .isTrue();
            return program.lines();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    List<String> lines() {
        try {
            return Files.readAllLines(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the program has printed exactly these lines. */
    void await(String... expected) {
        Awaitility.await()
                .atMost(30, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(lines()).containsExactly(expected));
    }

    @Override
    public void close() {
        process.destroy();
    }
}
