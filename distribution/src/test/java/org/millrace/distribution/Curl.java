package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** An event stream as {@code curl -N} reads it, by a thread of its own. */
final class Curl implements AutoCloseable {
    private final Process process;
    private final List<String> lines = new ArrayList<>();

    Curl(MillraceProcess host, String path, String... options) {
        List<String> command = new ArrayList<>(List.of("curl", "-sSN", "-H", "Accept: text/event-stream"));
        command.addAll(List.of(options));
        command.add(host.url(path).toString());
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(() -> {
            BufferedReader reader = process.inputReader();
            reader.lines().forEach(line -> {
                synchronized (lines) {
                    lines.add(line);
                }
            });
        });
    }

    List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    void awaitLine(String line) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(lines()).contains(line));
    }

    String lastId() {
        return lines().stream()
                .filter(line -> line.startsWith("id: "))
                .reduce((earlier, later) -> later)
                .orElseThrow()
                .substring(4);
    }

    @Override
    public void close() {
        process.destroy();
    }
}
