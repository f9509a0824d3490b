package org.millrace.distribution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The mosquitto command-line clients, against one port of this machine. */
record Mosquitto(int port) {
    /** A running {@code mosquitto_sub}. */
    static final class Subscriber implements AutoCloseable {
        private final Process process;
        private final Path output;

        private Subscriber(Process process, Path output) {
            this.process = process;
            this.output = output;
        }

        /** What was printed so far, without the client's own notes, in ISO-8859-1 so that every byte is a character. */
        List<String> lines() {
            try {
                return Files.readString(output, StandardCharsets.ISO_8859_1)
                        .lines()
                        .filter(line -> line.startsWith(">"))
                        .map(line -> line.substring(1))
                        .toList();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void await(String... expected) {
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .untilAsserted(() ->
                            org.assertj.core.api.Assertions.assertThat(lines()).containsExactly(expected));
        }

        /** How often it had to connect so far. */
        long connects() {
            try {
                return Files.readString(output, StandardCharsets.ISO_8859_1)
                        .lines()
                        .filter(line -> line.contains(" sending CONNECT"))
                        .count();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private boolean isSubscribed() {
            try {
                return Files.readString(output, StandardCharsets.ISO_8859_1).contains("Subscribed (mid");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Whether it goes on; it ends when a server refuses it. */
        boolean isRunning() {
            return process.isAlive();
        }

        /** Ends it as {@code kill -9} does, without a good-bye to the server. */
        void kill() {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }

        @Override
        public void close() {
            process.destroy();
        }
    }

    /** Starts {@code mosquitto_sub} and waits until it is subscribed; each message is one line {@code topic payload}. */
    Subscriber subscribe(String... options) {
        return formatted(">%t %p", options);
    }

    /** As {@link #subscribe}, with payloads in hexadecimal. */
    Subscriber subscribeHex(String... options) {
        return formatted(">%t %x", options);
    }

    /** As {@link #subscribe}, with the retain flag before the topic. */
    Subscriber subscribeShowingRetain(String... options) {
        return formatted(">%r %t %p", options);
    }

    /** As {@link #subscribe}, with a format of {@code mosquitto_sub} that begins with {@code >}. */
    Subscriber formatted(String format, String... options) {
        try {
            Path output = Files.createTempFile("mosquitto_sub", ".out");
            output.toFile().deleteOnExit();
            List<String> command = new ArrayList<>(
                    List.of("mosquitto_sub", "-h", "127.0.0.1", "-p", Integer.toString(port), "-d", "-F", format));
            command.addAll(List.of(options));
            Process process = new ProcessBuilder(unbuffered(command))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            Subscriber subscriber = new Subscriber(process, output);
            Awaitility.await().atMost(20, TimeUnit.SECONDS).until(subscriber::isSubscribed);
            return subscriber;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> unbuffered(List<String> command) {
        List<String> line = new ArrayList<>(List.of("stdbuf", "-oL"));
        line.addAll(command);
        return line;
    }

    /** Runs {@code mosquitto_pub} and waits for its end; QoS 1 unless the options say otherwise. */
    void publish(String... options) {
        List<String> command =
                new ArrayList<>(List.of("mosquitto_pub", "-h", "127.0.0.1", "-p", Integer.toString(port)));
        if (!List.of(options).contains("-q")) {
            command.addAll(List.of("-q", "1"));
        }
        command.addAll(List.of(options));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(command + " failed: " + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
