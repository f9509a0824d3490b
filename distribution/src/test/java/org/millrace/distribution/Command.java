package org.millrace.distribution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How a command of the unpacked distribution ended.
 *
 * @param exitCode 0 if all went well
 * @param output what it printed
 * @param error what it said
 */
record Command(int exitCode, String output, String error) {
    private static final Path HOME = Path.of(System.getProperty("millrace.home"));

    /** Runs {@code millrace} with arguments, in a folder, and waits for its end. */
    static Command run(Path folder, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(HOME.resolve("bin/millrace").toString());
        command.addAll(List.of(arguments));
        try {
            Path out = Files.createTempFile(folder, "command", ".out");
            Path err = Files.createTempFile(folder, "command", ".err");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            builder.environment().put("JAVA_OPTS", "-Xmx256m");
            Process process = builder.start();
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " did not end\n" + Files.readString(err));
            }
            return new Command(process.exitValue(), Files.readString(out), Files.readString(err));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
