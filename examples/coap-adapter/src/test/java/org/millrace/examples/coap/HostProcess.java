package org.millrace.examples.coap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An installed host with the packed adapter beside the HTTP plugin, and what talks to it. */
final class HostProcess implements AutoCloseable {
    private static final Path HOME = Path.of(System.getProperty("millrace.home"));

    private final Process process;
    private final Path folder;
    private final String ready;

    private HostProcess(Process process, Path folder, String ready) {
        this.process = process;
        this.folder = folder;
        this.ready = ready;
    }

    /** Starts a host on free ports, with further settings. */
    static HostProcess start(Path folder, String... settings) throws IOException {
        Path plugins = Files.createDirectory(folder.resolve("plugins"));
        Files.copy(HOME.resolve("plugins/http.jar"), plugins.resolve("http.jar"));
        Files.copy(Path.of(System.getProperty("adapter.jar")), plugins.resolve("coap.jar"));
        List<String> command = millrace("start", "--data", data(folder), "--plugins", plugins.toString());
        command.addAll(List.of("--set", "http.port=0", "--set", "coap.port=0"));
        for (String setting : settings) {
            command.addAll(List.of("--set", setting));
        }
        Process process = builder(command).redirectError(log(folder).toFile()).start();
        String ready = process.inputReader().readLine();
        assertThat(ready).as("%s", Files.readString(log(folder))).startsWith("ready ");
        return new HostProcess(process, folder, ready);
    }

    private static Path log(Path folder) {
        return folder.resolve("host.log");
    }

    private static String data(Path folder) {
        return folder.resolve("data").toString();
    }

    String log() throws IOException {
        return Files.readString(log(folder));
    }

    String ready() {
        return ready;
    }

    int port(String listener) {
        Matcher matcher = Pattern.compile(" " + listener + "=\\S+:(\\d+)").matcher(ready);
        assertThat(matcher.find()).as(ready).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    /** What libcoap's client prints. */
    String coap(String path, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("coap-client-notls"));
        command.addAll(List.of(options));
        command.add("coap://127.0.0.1:" + port("coap") + "/" + path);
        return run(command);
    }

    String curl(String path, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("curl", "-sS"));
        command.addAll(List.of(options));
        command.add("http://127.0.0.1:" + port("http") + path);
        return run(command);
    }

    /** What {@code millrace plugin} prints. */
    String plugin(String act) throws IOException, InterruptedException {
        return run(millrace("plugin", act, "coap", "--data", data(folder)));
    }

    private static List<String> millrace(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(HOME.resolve("bin/millrace").toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return builder;
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = builder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
        return output.strip();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
