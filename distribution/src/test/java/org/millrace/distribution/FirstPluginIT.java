package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Follows {@code docs/writing-a-plugin.md} to the letter: its commands, one after another as one script, with the
 * unpacked distribution, a JDK and Maven, in an empty folder, with a local Maven repository that holds nothing. Only the
 * ports are others. What Maven would fetch from Maven Central it finds where the build has fetched it.
 */
class FirstPluginIT {
    private static final Path SHIPPED = Path.of(System.getProperty("millrace.home"));
    private static final Pattern COMMANDS = Pattern.compile("(?ms)^```sh\\n(.*?)^```$");
    private static final Pattern PORT = Pattern.compile("\\b(8080|7007|6379)\\b");

    @TempDir
    Path folder;

    private Path home;
    private List<String> commands;
    private int http;
    private int greeter;
    private int redis;

    @BeforeEach
    void unpack() throws IOException {
        home = folder.resolve("millrace");
        try (Stream<Path> files = Files.walk(SHIPPED)) {
            for (Path file : files.toList()) {
                Path copy = home.resolve(SHIPPED.relativize(file).toString());
                Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        String page = Files.readString(home.resolve("docs/writing-a-plugin.md"));
        http = freePort();
        greeter = freePort();
        redis = freePort();
        commands = COMMANDS.matcher(page)
                .results()
                .map(block -> PORT.matcher(block.group(1)).replaceAll(port -> Integer.toString(port(port.group()))))
                .toList();
        assertThat(commands.getFirst()).contains("maven-archetype-plugin");
        Files.createDirectories(folder.resolve("work"));
        Files.createDirectories(folder.resolve("user/.m2"));
        Files.writeString(folder.resolve("user/.m2/settings.xml"), settings());
    }

    private int port(String documented) {
        return switch (documented) {
            case "8080" -> http;
            case "7007" -> greeter;
            default -> redis;
        };
    }

    /** Maven's settings of a user who has fetched nothing yet. */
    private static String settings() {
        String fetched = Path.of(System.getProperty("millrace.fetched")).toUri().toString();
        String repository = """
            <id>fetched</id><url>%s</url><snapshots><enabled>false</enabled></snapshots>
            <releases><checksumPolicy>ignore</checksumPolicy></releases>
            """.formatted(fetched);
        return """
            <settings><profiles><profile><id>fetched</id>
            <repositories><repository>%1$s</repository></repositories>
            <pluginRepositories><pluginRepository>%1$s</pluginRepository></pluginRepositories>
            </profile></profiles><activeProfiles><activeProfile>fetched</activeProfile></activeProfiles></settings>
            """.formatted(repository);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The script ends the host itself, unless it failed half way; its files are removed when it has ended. */
    @AfterEach
    void awaitEndOfHost() throws Exception {
        Path pid = folder.resolve("work/host.pid");
        if (Files.exists(pid)) {
            ProcessHandle host = ProcessHandle.of(
                            Long.parseLong(Files.readString(pid).strip()))
                    .orElse(null);
            if (host != null) {
                host.destroy();
                host.onExit().get(30, TimeUnit.SECONDS);
            }
        }
    }

    private Path begunByMillrace() {
        Command begin = Command.run(folder, "plugin", "new", "begun/greeter");
        assertThat(begin.exitCode()).as(begin::error).isZero();
        return folder.resolve("begun/greeter");
    }

    /** What an author is given: every file but what Maven makes of them, with its text. */
    private Map<String, String> project(Path root) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = root.relativize(file).toString();
                if (!name.startsWith("target/")) {
                    // Both are built against the distribution that began them.
                    texts.put(name, Files.readString(file).replace(SHIPPED.toString(), home.toString()));
                }
            }
        }
        return texts;
    }

    /** Runs commands of the page, one after another, and gives what they printed. */
    private List<String> run(String commands) throws IOException, InterruptedException {
        Path work = folder.resolve("work");
        Files.writeString(work.resolve("script.sh"), "set -eux\n" + commands);
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder("sh", "script.sh")
                .directory(folder.resolve("work").toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("MILLRACE_HOME", home.toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("MAVEN_OPTS", "-Duser.home=" + folder.resolve("user") + " -XX:TieredStopAtLevel=1");
        builder.environment().put("MILLRACE_HTTP_PORT", Integer.toString(http));
        builder.environment().put("MILLRACE_GREETER_PORT", Integer.toString(greeter));
        builder.environment().put("MILLRACE_MQTT_PORT", "0");
        builder.environment().put("MILLRACE_AMQP_PORT", "0");
        Process process = builder.start();
        boolean ended = process.waitFor(5, TimeUnit.MINUTES);
        process.destroy();
        List<String> lines = Files.readAllLines(output);
        assertThat(ended && process.exitValue() == 0)
                .as(() -> String.join("\n", lines))
                .isTrue();
        return lines;
    }

    @Test
    void theArchetypeBeginsWhatMillraceBegins() throws Exception {
        run(commands.getFirst());

        assertThat(project(folder.resolve("work/greeter"))).isEqualTo(project(begunByMillrace()));
    }

    @Test
    void theDocumentedCommandsLeadToAPluginThatAnswers() throws Exception {
        List<String> lines = run(String.join("", commands));

        assertThat(lines)
                .as("the contract was run, the host in the tests' JVM, and the answers came")
                .anyMatch(line -> line.matches(".*Tests run: 2\\d, Failures: 0, Errors: 0, Skipped: 0"))
                .anyMatch(line -> line.startsWith("plugin greeter 0.1.0-SNAPSHOT") && line.contains("is verified"))
                .contains("VALUE {\"temp\":21}", "CHANGE sensors/hall {\"temp\":22}", "PONG", "OK", "{\"temp\":24}");
    }
}
