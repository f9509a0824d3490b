package org.millrace.distribution;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A host started from the unpacked distribution, on free loopback ports. Used by one thread. */
final class MillraceProcess implements AutoCloseable {
    private static final Path HOME = Path.of(System.getProperty("millrace.home"));

    private static final Pattern HEAP_USED = Pattern.compile("used (\\d+)K");

    private final Process process;
    private final Path log;
    private final Map<String, Integer> ports = new HashMap<>();
    private final String readyLine;

    private MillraceProcess(Process process, Path log, String readyLine) {
        this.process = process;
        this.log = log;
        this.readyLine = readyLine;
        for (String word : readyLine.split(" ", -1)) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                ports.put(word.substring(0, equals), Integer.valueOf(word.substring(word.lastIndexOf(':') + 1)));
            }
        }
    }

    /** Starts a host with its data in a folder and waits until it serves. */
    static MillraceProcess start(Path data, String... options) {
        return start(data, Map.of(), options);
    }

    /** As {@link #start(Path, String...)}, with further environment variables. */
    static MillraceProcess start(Path data, Map<String, String> environment, String... options) {
        return start(List.of(), data, environment, options);
    }

    /** As {@link #start(Path, Map, String...)}, by a command that the host's is the end of. */
    static MillraceProcess start(List<String> within, Path data, Map<String, String> environment, String... options) {
        Path log = data.resolveSibling(data.getFileName() + ".log");
        try {
            Process process = launch(within, data, log, environment, options);
            String ready = firstLine(process);
            if (!ready.startsWith("ready ")) {
                process.destroyForcibly();
                throw new AssertionError("the host did not start: '" + ready + "'\n" + Files.readString(log));
            }
            return new MillraceProcess(process, log, ready);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a host that is expected to refuse, and waits for its end. */
    static Refusal startExpectingRefusal(Path data, String... options) {
        Path log = data.resolveSibling(data.getFileName() + ".refused.log");
        try {
            Process process = launch(List.of(), data, log, Map.of(), options);
            if (!process.waitFor(180, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("the host neither refused nor ended\n" + Files.readString(log));
            }
            return new Refusal(
                    process.exitValue(),
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8),
                    Files.readString(log));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** How a host ended that did not start. */
    record Refusal(int exitCode, String output, String error) {}

    private static Process launch(
            List<String> within, Path data, Path log, Map<String, String> environment, String... options)
            throws IOException {
        List<String> command = new ArrayList<>(within);
        command.addAll(List.of(
                HOME.resolve("bin/millrace").toString(),
                "start",
                "--data",
                data.toString(),
                "--set",
                "http.port=0",
                "--set",
                "mqtt.port=0",
                "--set",
                "amqp.port=0"));
        command.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(data.getParent().toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("JAVA_OPTS", "-Xmx256m");
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static String firstLine(Process process) {
        // On a thread of its own: several hosts that are started at once would wait for the few of the common pool.
        CompletableFuture<String> line = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        BufferedReader reader = process.inputReader();
                        String read = reader.readLine();
                        return read == null ? "" : read;
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                Thread::startVirtualThread);
        try {
            return line.get(180, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return "(nothing within 180 s)";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    String readyLine() {
        return readyLine;
    }

    int port(String listener) {
        Integer port = ports.get(listener);
        if (port == null) {
            throw new AssertionError("no listener '" + listener + "' in: " + readyLine);
        }
        return port;
    }

    boolean hasListener(String listener) {
        return ports.containsKey(listener);
    }

    URI url(String path) {
        return URI.create("http://127.0.0.1:" + port("http") + path);
    }

    /** How much of the heap is in use after a collection. */
    long heapAfterCollection() {
        jcmd("GC.run");
        Matcher used = HEAP_USED.matcher(jcmd("GC.heap_info"));
        if (!used.find()) {
            throw new AssertionError("no use of the heap in what jcmd says");
        }
        return Long.parseLong(used.group(1)) * 1024;
    }

    private String jcmd(String command) {
        try {
            Process jcmd = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            Long.toString(process.pid()),
                            command)
                    .redirectErrorStream(true)
                    .start();
            return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends the process at once, as {@code kill -9} does. */
    void kill() {
        process.destroyForcibly();
        waitForEnd();
    }

    /** Asks the host to stop, as an operator does, and gives its exit code. */
    int stop() {
        process.destroy();
        waitForEnd();
        return process.exitValue();
    }

    private void waitForEnd() {
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("the host did not end within 30 s\n" + log());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            stop();
        }
    }
}
