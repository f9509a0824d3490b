package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the documents on HTTP, event streams and WebSocket, run as they stand there but for the port. */
class DocumentedCommandsIT {
    private static final Path HOME = Path.of(System.getProperty("millrace.home"));
    private static final Path DOCS = Path.of("../docs");
    private static final Path CLIENTS = Path.of("src/test/clients").toAbsolutePath();
    private static final String ADDRESS = "127.0.0.1:8080";

    @TempDir
    Path folder;

    /** The blocks of a language in a document, in their order. */
    private static List<String> blocks(String document, String language) throws IOException {
        List<String> blocks = new ArrayList<>();
        String text = Files.readString(DOCS.resolve(document));
        String begin = "```" + language + "\n";
        for (int at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, at)) {
            int from = at + begin.length();
            at = text.indexOf("```\n", from);
            blocks.add(text.substring(from, at));
        }
        return blocks;
    }

    /** Runs a script in the test's folder and gives what it printed; streams end after a while. */
    private String run(String script, int port) throws IOException, InterruptedException {
        String limited = "curl() { command curl -sS -m 5 \"$@\" || [ $? = 28 ]; }\n";
        Process process = new ProcessBuilder("bash", "-euc", limited + script.replace(ADDRESS, "127.0.0.1:" + port))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(script + "\n" + output).isZero();
        return output;
    }

    @Test
    void ofHttp() throws Exception {
        List<String> blocks = blocks("http.md", "sh");
        assertThat(blocks).hasSize(5);
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"))) {
            int port = host.port("http");
            assertThat(run(blocks.get(0), port))
                    .contains("HTTP/1.1 201 Created", "Location: /sensors/kitchen", "{\"temp\":21}", "t   e   m   p")
                    .contains("[{\"id\":\"kitchen\",");
            assertThat(Http.get(host, "/sensors/kitchen").statusCode()).isEqualTo(404);
            assertThat(run(blocks.get(1), port))
                    .contains("[{\"id\":\"a\",\"status\":201,\"etag\":")
                    .contains("{\"status\":400,\"problem\":{\"type\":\"urn:millrace:problem:invalid\",")
                    .contains("{\"written\":1,\"refused\":1,\"refusals\":[{\"line\":2,\"status\":400,\"problem\":{");
            assertThat(run(blocks.get(2), port))
                    .contains("[{\"path\":\"accounts/ann\",\"status\":204,\"etag\":")
                    .contains("{\"path\":\"transfers/1\",\"status\":201,");
            assertThat(run(blocks.get(3), port).lines().filter(line -> line.startsWith("HTTP/1.1 ")))
                    .extracting(line -> line.substring(9, 12))
                    .containsExactly("201", "204", "412", "304");
        }
    }

    @Test
    void ofCredentials() throws Exception {
        String block = blocks("http.md", "sh").get(4);
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Files.createSymbolicLink(folder.resolve("bin"), HOME.resolve("bin"));
        String script = "export JAVA_HOME='" + System.getProperty("java.home") + "'\n"
                + block.replace(
                        "--config millrace.yaml &",
                        "--config millrace.yaml --data data --set http.port=" + port
                                + " --set mqtt.port=0 --set amqp.port=0 > host.log 2>&1 &\nhost=$!")
                + "kill $host\nwait $host || true\n";

        String output = run(script, port);

        Files.delete(folder.resolve("bin"));
        assertThat(output).contains("HTTP/1.1 201 Created");
    }

    @Test
    void ofEventStreams() throws Exception {
        List<String> blocks = blocks("sse.md", "sh");
        assertThat(blocks).hasSize(2);
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"))) {
            Http.put(host, "/sensors/hall", Http.JSON, "{\"temp\":31}");
            Http.put(host, "/sensors/cellar", Http.JSON, "{\"temp\":11}");

            assertThat(run(blocks.get(0), host.port("http")))
                    .contains("event: put", "\"sensors/hall\"", "\"sensors/cellar\"", "event: caught-up");
            assertThat(run(blocks.get(1), host.port("http")))
                    .contains("\"sensors/hall\"", "event: caught-up")
                    .doesNotContain("cellar");
        }
    }

    @Test
    void ofWebSocket() throws Exception {
        List<String> blocks = blocks("websocket-protocol.md", "js");
        assertThat(blocks).hasSize(1);
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"))) {
            String script = "import WebSocket from '" + CLIENTS.resolve("node_modules/ws/wrapper.mjs") + "'\n"
                    + blocks.getFirst() + "\nsetTimeout(() => socket.close(), 2000)\n";
            Files.writeString(folder.resolve("script.mjs"), script.replace(ADDRESS, "127.0.0.1:" + host.port("http")));

            List<String> lines =
                    run("node script.mjs", host.port("http")).lines().toList();

            assertThat(lines).hasSize(4);
            assertThat(lines.get(0)).startsWith("{\"id\":1,\"result\":{\"cursor\":\"");
            assertThat(lines.get(1)).startsWith("{\"sub\":1,\"event\":\"caught-up\",");
            assertThat(lines.subList(2, 4))
                    .satisfiesExactlyInAnyOrder(
                            line -> assertThat(line)
                                    .startsWith(
                                            "{\"id\":2,\"result\":{\"path\":\"sensors/hall\",\"effect\":\"created\","),
                            line -> assertThat(line)
                                    .startsWith("{\"sub\":1,\"event\":\"put\",\"path\":\"sensors/hall\",")
                                    .endsWith("\"value\":{\"temp\":21}}"));
        }
    }
}
