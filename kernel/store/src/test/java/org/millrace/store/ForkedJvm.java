package org.millrace.store;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A program of the tests in a process of its own, which can be killed. */
final class ForkedJvm implements AutoCloseable {
    /** Where the build's other results are. */
    private static final Path CRASH_REPORT =
            Path.of("target", "hs_err_pid%p.log").toAbsolutePath();

    private final Process process;
    private final BufferedReader output;

    private ForkedJvm(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    static ForkedJvm start(Class<?> main, String... arguments) throws IOException {
        return start(Map.of(), main, arguments);
    }

    static ForkedJvm start(Map<String, String> environment, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (flag.startsWith("--add-opens") || flag.startsWith("--enable-native") || flag.startsWith("--sun-misc")) {
                command.add(flag);
            }
        }
        command.addAll(List.of("-XX:ErrorFile=" + CRASH_REPORT, "-XX:-CreateCoredumpOnCrash"));
        command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        return new ForkedJvm(builder.start());
    }

    long pid() {
        return process.pid();
    }

    /** The next line of its output, or null at the end. */
    String readLine() throws IOException {
        return output.readLine();
    }

    /** Gives it a line of input. */
    void writeLine(String line) throws IOException {
        BufferedWriter input = process.outputWriter(StandardCharsets.UTF_8);
        input.write(line);
        input.newLine();
        input.flush();
    }

    /** Waits until it has ended by itself; its exit code. */
    int waitFor() throws InterruptedException {
        return process.waitFor();
    }

    /** Kills it as {@code kill -9} does and waits until it is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        kill();
        output.close();
    }
}
