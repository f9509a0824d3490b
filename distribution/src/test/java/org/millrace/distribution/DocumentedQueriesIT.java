package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.millrace.distribution.Http.JSON;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.millrace.testkit.RawPeer;

/**
 * Every request in {@code docs/tables.md} and {@code docs/queries.md} is sent as it stands there, and answered as it is
 * said to be. A block begins with a request; what follows is its body, or for GET the values that the answer has, in
 * order. {@code ..} stands for anything.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DocumentedQueriesIT {
    private static final Path DOCS = Path.of("..", "docs");
    private static final Pattern BLOCK = Pattern.compile("^```\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern WRITTEN = Pattern.compile("^\\| ((?:`[^`]+`(?:, )?)+) \\|", Pattern.MULTILINE);
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    @TempDir
    static Path folder;

    private static MillraceProcess host;

    /** A request as it is written, and what is written below it. */
    record Example(String method, String path, String below) {
        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    @BeforeAll
    static void fill() {
        host = MillraceProcess.start(folder.resolve("data"));
        put("/sensors/1", "{\"temp\":31.5,\"site\":\"hall\"}");
        put("/sensors/2", "{\"temp\":40,\"site\":\"yard\"}");
        put("/sensors/3", "{\"temp\":20,\"site\":\"hall\"}");
        put("/customers/7", "{\"name\":\"Ann\",\"at\":{\"city\":\"Ulm\"}}");
        put("/customers/8", "{\"name\":\"Bob\",\"at\":{\"city\":\"Rom\"}}");
        put("/orders/1", "{\"customerId\":7,\"total\":10}");
        put("/orders/2", "{\"customerId\":7,\"total\":30}");
        put("/orders/3", "{\"customerId\":8,\"total\":20}");
        put("/readings/1", "{\"temp\":21,\"site\":\"hall\"}");
        put("/readings/2", "{\"temp\":19,\"site\":\"hall\"}");
        put("/readings/3", "{\"temp\":25,\"site\":\"yard\"}");
    }

    @AfterAll
    static void stop() {
        assertThat(host.stop()).isZero();
    }

    private static void put(String path, String json) {
        assertThat(Http.put(host, path, JSON, json).statusCode()).as(path).isBetween(200, 204);
    }

    private static String section(String document, String from, String to) throws IOException {
        String text = Files.readString(DOCS.resolve(document));
        return text.substring(text.indexOf(from), text.indexOf(to));
    }

    private static Stream<Example> examples(String document) throws IOException {
        Matcher block = BLOCK.matcher(Files.readString(DOCS.resolve(document)));
        List<Example> examples = new ArrayList<>();
        while (block.find()) {
            for (String part : block.group(1).split("(?m)^(?=[A-Z]+ /)", -1)) {
                if (part.isBlank()) {
                    continue;
                }
                String[] lines = part.split("\n", 2);
                String[] request = lines[0].split(" ", 2);
                assertThat(request).as(lines[0]).hasSize(2);
                examples.add(new Example(request[0], request[1], lines.length < 2 ? "" : lines[1]));
            }
        }
        assertThat(examples).isNotEmpty();
        return examples.stream();
    }

    static Stream<Example> tables() throws IOException {
        return examples("tables.md");
    }

    static Stream<Example> queries() throws IOException {
        return examples("queries.md");
    }

    /** What is written in the first column of the tables of conditions, and of what shapes a result. */
    static Stream<String> written() throws IOException {
        List<String> all = new ArrayList<>();
        Matcher row = WRITTEN.matcher(section("queries.md", "## Conditions", "## Joins"));
        while (row.find()) {
            Matcher code = CODE.matcher(row.group(1));
            while (code.find()) {
                all.add(code.group(1));
            }
        }
        assertThat(all).hasSizeGreaterThan(15);
        return all.stream();
    }

    /** What clients send that do not escape a bar, such as curl. */
    private static String answer(String path) {
        try (RawPeer peer = RawPeer.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), host.port("http")))
                .within(Duration.ofSeconds(60))) {
            peer.send("GET " + path + " HTTP/1.0\r\nHost: x\r\nAccept: application/x-ndjson\r\n\r\n");
            return peer.readAll();
        }
    }

    private static String body(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    private static String plain(String json) {
        return json.replaceAll("([:,]) ", "$1");
    }

    @Order(1)
    @ParameterizedTest
    @MethodSource("tables")
    void aDefinitionIsTakenAsItIsDocumented(Example example) {
        assertThat(example.method()).isEqualTo("PUT");
        String json = example.below().substring(example.below().indexOf('{')).strip();
        put(example.path(), json);
        assertThat(Http.text(Http.get(host, example.path()))).isEqualTo(json);
    }

    @Order(2)
    @ParameterizedTest
    @MethodSource("queries")
    void aQueryIsAnsweredAsItIsDocumented(Example example) {
        declareWhatTheyAssume();
        assertThat(example.method()).isEqualTo("GET");
        String answer = answer(example.path());

        assertThat(answer).startsWith("HTTP/1.").contains(" 200 ");
        assertThat(example.below()).as("what the answer has").isNotBlank();
        String anything = Pattern.quote(plain(example.below().strip()))
                .replace("..", "\\E.*\\Q")
                .replace("\n", "\\E.*\\n.*\\Q");
        assertThat(plain(body(answer).replace("\n\n", "\n"))).containsPattern(Pattern.compile(anything));
    }

    @Order(3)
    @ParameterizedTest
    @MethodSource("written")
    void whatCanBeWrittenIsUnderstood(String written) {
        assertThat(answer("/sensors/?" + written)).contains(" 200 ");
    }

    /** The relationships of the tables' page, and indexes, so that plans are those of the queries' page. */
    private static void declareWhatTheyAssume() {
        put("/$sys/tables/readings", "{\"indexes\":[\"site\"]}");
        put(
                "/$sys/tables/customers",
                "{\"indexes\":[\"name\"],\"relationships\":{\"orders\":{\"table\":\"orders\",\"to\":\"customerId\"}}}");
        put(
                "/$sys/tables/orders",
                "{\"indexes\":[\"customerId\"],\"relationships\":{\"customer\":{\"table\":\"customers\",\"from\":\"customerId\"}}}");
        for (String index : List.of("readings/site", "customers/name", "orders/customerId")) {
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> new String(
                                    Http.get(host, "/$sys/indexes/" + index).body(), StandardCharsets.UTF_8)
                            .contains("ready"));
        }
    }
}
