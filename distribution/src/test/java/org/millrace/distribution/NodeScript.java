package org.millrace.distribution;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A script of {@code src/test/clients}, run by Node.js. It talks with the test in lines: what it prints is read by
 * {@link #line}, and {@link #tell} writes to its standard input.
 */
final class NodeScript implements AutoCloseable {
    private static final String END = "\0end";

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> printed = java.util.Collections.synchronizedList(new ArrayList<>());

    private NodeScript(Process process) {
        this.process = process;
        Thread.ofVirtual().start(() -> {
            try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    printed.add(line);
                    lines.add(line);
                }
            } catch (IOException e) {
                lines.add(END + " " + e.getMessage());
                return;
            }
            lines.add(END);
        });
    }

    /** Starts a script. */
    static NodeScript start(String script, Object... arguments) {
        List<String> command = new ArrayList<>(List.of("node", script));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        try {
            return new NodeScript(new ProcessBuilder(command)
                    .directory(Path.of("src/test/clients").toFile())
                    .redirectErrorStream(true)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a script to its end, which must be a good one. */
    static void run(String script, Object... arguments) {
        try (NodeScript node = start(script, arguments)) {
            node.awaitEnd();
        }
    }

    /** The next line it prints. */
    String line() {
        try {
            String line = lines.poll(120, TimeUnit.SECONDS);
            if (line == null || line.startsWith(END)) {
                throw new AssertionError(
                        "the script printed no further line" + (line == null ? " in 120 s" : "") + ":\n" + output());
            }
            return line;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Reads lines up to one. */
    void awaitLine(String expected) {
        String line = line();
        while (!line.equals(expected)) {
            line = line();
        }
    }

    /** Writes a line to it. */
    void tell(String line) {
        try {
            process.outputWriter().append(line).append('\n').flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the script has ended:\n" + output(), e);
        }
    }

    /** Waits for its end, which must be a good one. */
    void awaitEnd() {
        try {
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                throw new AssertionError("the script did not end in 120 s:\n" + output());
            }
            if (process.exitValue() != 0) {
                String line = lines.poll(10, TimeUnit.SECONDS);
                while (line != null && !line.startsWith(END)) {
                    line = lines.poll(10, TimeUnit.SECONDS);
                }
                throw new AssertionError("the script failed:\n" + output());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private String output() {
        return String.join("\n", List.copyOf(printed));
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }
}
