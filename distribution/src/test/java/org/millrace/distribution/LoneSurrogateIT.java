package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Halves of surrogate pairs, which JSON can write as escapes and which are no characters (RFC 8259 section 8.2): refused
 * wherever a text becomes a content, a name or a path, since no other protocol or format could pass them on.
 */
class LoneSurrogateIT {
    private static final String HALF = "half a surrogate pair";

    @TempDir
    static Path folder;

    private static MillraceProcess host;

    @BeforeAll
    static void startHost() {
        host = MillraceProcess.start(folder.resolve("data"));
        Http.put(host, "/t/1", Http.JSON, "{}");
    }

    @AfterAll
    static void stopHost() {
        assertThat(Http.text(Http.get(host, "/t/?count()"))).contains("\"count()\":1");
        assertThat(host.log()).doesNotContain(" ERROR ");
        assertThat(host.stop()).isZero();
    }

    @ParameterizedTest(name = "{0} {1} {3}")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "PUT; /t/2; application/json; \"\\ud800\"; 400",
                "PUT; /t/2; application/json; \"\\udc00\\ud800\"; 400",
                "PUT; /t/2; application/json; {\"\\udc00\":1}; 400",
                "PUT; /t/2; application/json; [[{\"a\":[\"x\\udfffx\"]}]]; 400",
                "PATCH; /t/1; application/merge-patch+json; {\"a\":\"\\ud800\"}; 400",
                "PATCH; /t/1; application/json-patch+json; [{\"op\":\"add\",\"path\":\"/a\",\"value\":\"\\ud800\"}];"
                        + " 400",
                "PATCH; /t/1; application/json-patch+json; [{\"op\":\"add\",\"path\":\"/\\ud800\",\"value\":1}]; 400",
                "POST; /t/1; application/json; \"\\ud800\"; 400",
                "POST; /t/; application/json; \"\\ud800\"; 400",
                "POST; /t/; application/json; [\"\\ud800\"]; 200",
                "POST; /t/; application/x-ndjson; \"\\ud800\"; 200",
                "PUT; /t/; application/json; [{\"id\":\"\\ud800\",\"value\":1}]; 200",
                "PUT; /t/; application/x-ndjson; {\"id\":\"2\",\"value\":\"\\ud800\"}; 200",
                "POST; /$transactions; application/json; [{\"op\":\"put\",\"path\":\"t/\\ud800\",\"value\":1}]; 400",
                "POST; /$transactions; application/json; [{\"op\":\"put\",\"path\":\"t/2\",\"value\":\"\\udfff\"}];"
                        + " 400",
                "PUT; /$sys/tables/u; application/json; {\"indexes\":[\"\\ud800\"]}; 400"
            })
    void isRefusedOverHttp(String method, String path, String type, String body, int status) {
        var answer = Http.send(host, method, path, type, body);

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(Http.text(answer)).contains("\"status\":400").contains(HALF);
        assertThat(Http.text(answer)).doesNotContain("\"status\":20");
    }

    @ParameterizedTest
    @CsvSource({"GET, /t/%ed%a0%80", "GET, /t/?a=%ed%b0%80", "PUT, /t/%ED%BF%BF", "DELETE, /%ed%a0%80%ed%b0%80/1"})
    void isRefusedInAUrl(String method, String path) {
        var answer = Http.send(host, method, path, Http.JSON, "1");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(Http.text(answer)).contains("UTF-8");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "\"op\":\"put\",\"path\":\"t/2\",\"value\":\"\\ud800\"",
                "\"op\":\"publish\",\"path\":\"t/2\",\"value\":[\"\\udfff\"]",
                "\"op\":\"patch\",\"path\":\"t/1\",\"value\":{\"a\":\"\\ud800\"}",
                "\"op\":\"put\",\"path\":\"t/\\ud800\",\"value\":1",
                "\"op\":\"get\",\"path\":\"t/\\udc00\"",
                "\"op\":\"subscribe\",\"filter\":\"\\ud800/#\"",
                "\"op\":\"put\",\"path\":\"t/2\",\"value\":1,\"properties\":{\"a\":\"\\ud800\"}",
                "\"op\":\"put\",\"path\":\"t/2\",\"value\":1,\"properties\":{\"\\ud800\":\"a\"}",
                "\"op\":\"put\",\"path\":\"t/2\",\"value\":{\"\\udc00\":1}",
                "\"op\":\"put\",\"path\":\"t/2\",\"value\":1,\"\\ud800\":1",
                "\"op\":\"post\",\"table\":\"\\ud800\",\"value\":1",
                "\"op\":\"query\",\"table\":\"t\",\"query\":\"a==\\ud800\"",
                "\"op\":\"transact\",\"writes\":[{\"op\":\"put\",\"path\":\"t/2\",\"value\":1,\"\\ud800\":1}]",
            })
    void isRefusedOverWebSocket(String fields) throws IOException {
        try (SocketChannel channel = NumberReader.multiplexed(host.port("http"))) {
            ByteBuffer frame = NumberReader.masked("{\"id\":1," + fields + "}");
            while (frame.hasRemaining()) {
                channel.write(frame);
            }

            assertThat(NumberReader.readTo(channel, "}}"))
                    .contains("{\"id\":1,\"error\":{\"code\":\"invalid\"")
                    .contains(HALF);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {"\"op\":\"ping\",\"id\":\"\\ud800\"; field 'id'", "\"op\":\"\\ud800\"; field 'op'"})
    void isNoNameOfARequest(String fields, String reason) throws IOException {
        try (SocketChannel channel = NumberReader.multiplexed(host.port("http"))) {
            ByteBuffer frame = NumberReader.masked("{" + fields + "}");
            while (frame.hasRemaining()) {
                channel.write(frame);
            }

            assertThat(NumberReader.readTo(channel, "}}"))
                    .contains("{\"error\":{\"code\":")
                    .contains(reason);
        }
    }
}
