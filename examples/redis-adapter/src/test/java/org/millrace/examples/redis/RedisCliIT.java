package org.millrace.examples.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packed adapter beside the shipped plugins of an installed host, used by Redis' own programs. */
class RedisCliIT {
    private static final Path HOME = Path.of(System.getProperty("millrace.home"));

    @TempDir
    Path folder;

    private Process host;
    private String redisPort;
    private String httpPort;

    @BeforeEach
    void start() throws Exception {
        Path plugins = Files.createDirectory(folder.resolve("plugins"));
        Files.copy(HOME.resolve("plugins/http.jar"), plugins.resolve("http.jar"));
        Files.copy(Path.of(System.getProperty("adapter.jar")), plugins.resolve("redis.jar"));
        ProcessBuilder builder = new ProcessBuilder(
                        HOME.resolve("bin/millrace").toString(),
                        "start",
                        "--data",
                        folder.resolve("data").toString(),
                        "--plugins",
                        plugins.toString(),
                        "--set",
                        "http.port=0",
                        "--set",
                        "redis.port=0")
                .redirectError(folder.resolve("host.log").toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        host = builder.start();
        String ready = host.inputReader().readLine();
        assertThat(ready).as("%s", Files.readString(folder.resolve("host.log"))).startsWith("ready ");
        redisPort = port(ready, "redis");
        httpPort = port(ready, "http");
    }

    @AfterEach
    void stop() throws InterruptedException {
        host.destroy();
        if (!host.waitFor(30, TimeUnit.SECONDS)) {
            host.destroyForcibly();
        }
    }

    @Test
    void aKeyIsARecordOfEveryProtocol() throws Exception {
        assertThat(redis("SET", "sensors/hall", "{\"temp\":21}")).isEqualTo("OK");
        assertThat(curl("/sensors/hall")).isEqualTo("{\"temp\":21}");
        curl("/sensors/hall", "-X", "PATCH", "-H", "Content-Type: application/json", "-d", "{\"door\":\"open\"}");
        assertThat(redis("HGETALL", "sensors/hall").lines()).containsExactly("temp", "21", "door", "open");
        assertThat(redis("HSET", "sensors/hall", "door", "shut", "light", "on")).isEqualTo("1");
        assertThat(curl("/sensors/hall")).isEqualTo("{\"temp\":21,\"door\":\"shut\",\"light\":\"on\"}");
    }

    @Test
    void commandsAnswerAsRedisDoes() throws Exception {
        assertThat(redis("SET", "k", "1", "EX", "100")).isEqualTo("OK");
        assertThat(redis("INCRBY", "k", "41")).isEqualTo("42");
        assertThat(redis("TTL", "k")).isIn("99", "100");
        assertThat(redis("MSET", "a", "1", "b", "2")).isEqualTo("OK");
        assertThat(redis("MGET", "a", "none", "b").lines()).containsExactly("1", "", "2");
        assertThat(redis("--scan", "--pattern", "?").lines()).containsExactlyInAnyOrder("a", "b", "k");
        assertThat(redis("-3", "HELLO", "3")).contains("proto");
        assertThat(redis("DEL", "a", "b", "none")).isEqualTo("2");
    }

    @Test
    void redisBenchmarkRuns() throws Exception {
        String output = run(
                "redis-benchmark",
                "-p",
                redisPort,
                "-t",
                "get,set,mset,incr",
                "-n",
                "2000",
                "-c",
                "20",
                "-q",
                "-r",
                "100");
        assertThat(output)
                .contains("SET: ", "GET: ", "INCR: ", "MSET (10 keys): ")
                .doesNotContain("ERR");
    }

    private String redis(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("redis-cli", "-p", redisPort));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    private String curl(String path, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("curl", "-sS"));
        command.addAll(List.of(options));
        command.add("http://127.0.0.1:" + httpPort + path);
        return run(command.toArray(String[]::new));
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = Stream.of(process.inputReader().lines().toArray(String[]::new))
                .reduce((a, b) -> a + "\n" + b)
                .orElse("");
        assertThat(process.waitFor()).as("%s: %s", List.of(command), output).isZero();
        return output;
    }

    private static String port(String ready, String listener) {
        Matcher matcher = Pattern.compile(listener + "=127\\.0\\.0\\.1:(\\d+)").matcher(ready);
        assertThat(matcher.find()).as(ready).isTrue();
        return matcher.group(1);
    }
}
