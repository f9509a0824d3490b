package org.millrace.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.testkit.RawPeer;

/** Bulk writes whose body is answered while it comes. */
class BulkStreamTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NDJSON = "application/x-ndjson";
    private static final int MIB = 1 << 20;

    private HttpHost http = HttpHost.create();

    @AfterEach
    void close() {
        http.close();
    }

    private void restart(String... settings) {
        http.close();
        http = new HttpHost(Map.of(settings[0], settings[1]));
    }

    private static String head(String method, String type, String... fields) {
        return method + " /t/ HTTP/1.1\r\nHost: x\r\nContent-Type: " + type + "\r\nTransfer-Encoding: chunked\r\n"
                + String.join("", fields) + "\r\n";
    }

    private static byte[] chunk(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(bytes);
        out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private static byte[] chunk(String text) {
        return chunk(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String item(String id, String value) {
        return "{\"id\":\"" + id + "\",\"value\":" + value + "}";
    }

    private static JsonNode body(String answer) throws IOException {
        return JSON.readTree(answer.substring(answer.indexOf("\r\n\r\n")));
    }

    @Test
    void linesAreWrittenBeforeTheBodyHasEnded() {
        try (RawPeer peer = http.peer()) {
            peer.send(head("PUT", NDJSON)).send(chunk(item("a", "1") + "\n" + item("b", "2")));

            Awaitility.await()
                    .untilAsserted(() -> assertThat(http.host.record("t/a")).isPresent());

            assertThat(http.host.record("t/b")).isEmpty();
            peer.send(chunk("\n")).send("0\r\n\r\n");
            assertThat(peer.readUntil("]\n")).startsWith("HTTP/1.1 200 OK\r\n").contains("\"id\":\"b\",\"status\":201");
        }
    }

    @Test
    void clientIsReadNoFasterThanTheHostWrites() {
        byte[] lines = chunk((item("a", "\"" + "x".repeat(32_000) + "\"") + "\n").repeat(4));
        int parts = 64 * MIB / lines.length;
        AtomicLong sent = new AtomicLong();
        restart("max-bulk-items", "1");
        http.host.faults().saturate(true);
        try (RawPeer peer = http.peer().within(Duration.ofSeconds(60))) {
            peer.send(head("PUT", NDJSON));
            var sending = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < parts; i++) {
                    peer.send(lines);
                    sent.addAndGet(lines.length);
                }
                peer.send("0\r\n\r\n");
            });
            // What the two sockets and the read buffer hold is all that is taken.
            AtomicLong before = new AtomicLong(-1);
            Awaitility.await()
                    .during(Duration.ofMillis(500))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> before.getAndSet(sent.get()) == sent.get());
            assertThat(sent.get()).isLessThan(32L * MIB);
            http.host.faults().saturate(false);

            assertThat(peer.readUntil("}\n")).contains("\"written\":" + 4 * parts + ",\"refused\":0,");
            sending.join();
        }
    }

    @Test
    void moreItemsThanAreListedAreCounted() throws Exception {
        restart("max-bulk-items", "3");
        String lines = item("a", "1") + "\n\nnot JSON\n" + item("b", "2") + "\n" + item("c", "3");

        var answer = http.send("PUT", "/t/", lines, "Content-Type", NDJSON);

        JsonNode summary = JSON.readTree(answer.body());
        assertThat(summary.get("written").asInt()).isEqualTo(3);
        assertThat(summary.get("refused").asInt()).isEqualTo(1);
        assertThat(summary.get("refusals").get(0).get("line").asInt()).isEqualTo(3);
        assertThat(summary.get("refusals").get(0).get("problem").get("type").asText())
                .isEqualTo("urn:millrace:problem:invalid");
        assertThat(http.text("t/c")).isEqualTo("3");
    }

    @Test
    void clientThatWantsLittleIsTalliedTo() throws Exception {
        var answer = http.send(
                "PUT",
                "/t/",
                "[" + item("a", "1") + ",1]",
                "Content-Type",
                "application/json",
                "Prefer",
                "respond-async, return=minimal");

        assertThat(answer.headers().firstValue("Preference-Applied")).contains("return=minimal");
        JsonNode summary = JSON.readTree(answer.body());
        assertThat(summary.get("written").asInt()).isEqualTo(1);
        assertThat(summary.get("refusals").get(0).get("item").asInt()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"id\":\"b\"}; 0; must be an array",
                "''; 0; must be an array",
                "[ITEM; 1; ends too early, behind its element 1",
                "[ITEM,; 1; ends too early, behind its element 1",
                "[ITEM,]; 1; behind its element 1",
                "[ITEM ITEM]; 1; behind its element 1",
                "[ITEM]ITEM; 1; behind its element 1",
                "[,ITEM]; 0; behind its element 0",
                "[ITEM,{\"id\":\"b\",\"value\":[1; 1; ends too early, behind its element 1",
            })
    void arrayThatBreaksKeepsWhatStoodBefore(String body, int written, String named) throws Exception {
        String array = body.replace("ITEM", item("a", "[\"\\\"]\",{}]"));
        try (RawPeer peer = http.peer()) {
            peer.send(head("PUT", "application/json"));
            if (!array.isEmpty()) {
                peer.send(chunk(array));
            }
            peer.send("0\r\n\r\n");

            String answer = peer.readUntil("}\n");

            assertThat(answer).startsWith("HTTP/1.1 400 ");
            assertThat(body(answer).get("detail").asText()).contains(named);
            assertThat(body(answer).get("written").asInt()).isEqualTo(written);
            assertThat(body(answer).get("refused").asInt()).isZero();
            assertThat(http.host.record("t/a").isPresent()).isEqualTo(written == 1);
        }
    }

    @Test
    void elementThatIsNoJsonSpoilsNoOther() throws Exception {
        var answer = http.send(
                "PUT", "/t/", "[" + item("a", "tru") + ",{]," + item("b", "2") + "]", "Content-Type", Http.JSON);

        assertThat(JSON.readTree(answer.body()).findValuesAsText("status")).contains("201");
        assertThat(JSON.readTree(answer.body())).hasSize(3);
        assertThat(http.text("t/b")).isEqualTo("2");
    }

    @Test
    void bodyThatCannotBeReadOnTellsWhatWasWritten() throws Exception {
        try (RawPeer peer = http.peer()) {
            peer.send(head("PUT", NDJSON))
                    .send(chunk(item("a", "1") + "\n" + item("b", "1")))
                    .send("xyz\r\n");

            String answer = peer.readAll();

            assertThat(answer).startsWith("HTTP/1.1 400 ").contains("Connection: close");
            assertThat(body(answer).get("written").asInt()).isEqualTo(1);
        }
    }

    @Test
    void clientThatStopsSendingIsToldWhatWasWritten() throws Exception {
        restart("body-timeout", "200ms");
        try (RawPeer peer = http.peer()) {
            peer.send(head("PUT", NDJSON)).send(chunk(item("a", "1") + "\n"));

            String answer = peer.readAll();

            assertThat(answer).startsWith("HTTP/1.1 408 ");
            assertThat(body(answer).get("written").asInt()).isEqualTo(1);
        }
    }

    @Test
    void whatHasComeIsWrittenWhenTheClientGoes() {
        try (RawPeer peer = http.peer()) {
            peer.send(head("PUT", NDJSON)).send(chunk(item("a", "1") + "\n" + item("b", "1")));
        }

        Awaitility.await()
                .untilAsserted(() -> assertThat(http.host.record("t/a")).isPresent());
        assertThat(http.host.record("t/b")).isEmpty();
    }

    @Test
    void tooLongAnItemSpoilsNoOther() throws Exception {
        String lines = item("a", "1") + "\n" + item("b", "\"" + "x".repeat(2 * MIB) + "\"") + "\n" + item("c", "3");

        var answer = http.send("PUT", "/t/", lines, "Content-Type", NDJSON);

        JsonNode results = JSON.readTree(answer.body());
        assertThat(results.get(0).get("status").asInt()).isEqualTo(201);
        assertThat(results.get(1).get("status").asInt()).isEqualTo(413);
        assertThat(results.get(2).get("status").asInt()).isEqualTo(201);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate"})
    void codedBodyIsStreamed(String coding) throws Exception {
        restart("max-bulk-items", "100");
        String lines = IntStream.range(0, 1_000)
                .mapToObj(i -> item("" + i % 10, "\"" + " ".repeat(2_000) + "\""))
                .collect(Collectors.joining("\n"));
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (var out = coding.equals("gzip") ? new GZIPOutputStream(packed) : new DeflaterOutputStream(packed)) {
            out.write(lines.getBytes(StandardCharsets.US_ASCII));
        }
        byte[] all = packed.toByteArray();
        try (RawPeer peer = http.peer()) {
            peer.send(head("PUT", NDJSON, "Content-Encoding: " + coding + "\r\n"));
            // The head byte by byte, the tail too.
            for (int i = 0; i < 12; i++) {
                peer.send(chunk(new byte[] {all[i]}));
            }
            peer.send(chunk(java.util.Arrays.copyOfRange(all, 12, all.length - 3)));
            for (int i = all.length - 3; i < all.length; i++) {
                peer.send(chunk(new byte[] {all[i]}));
            }
            peer.send("0\r\n\r\n");

            assertThat(peer.readUntil("}\n")).contains("{\"written\":1000,\"refused\":0,");
        }
    }

    @ParameterizedTest
    @CsvSource({"0, no gzip", "15, not what", "-1, not what"})
    void codedBodyThatIsDamagedIsRefused(int at, String named) throws Exception {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(packed)) {
            out.write(item("a", "1").getBytes(StandardCharsets.US_ASCII));
        }
        byte[] all = packed.toByteArray();
        all[at < 0 ? all.length + at : at] ^= 0x7f;
        try (RawPeer peer = http.peer()) {
            peer.send(head("PUT", NDJSON, "Content-Encoding: gzip\r\n")).send(chunk(all));
            peer.send("0\r\n\r\n");

            assertThat(peer.readUntil("}\n")).startsWith("HTTP/1.1 400 ").contains(named);
        }
    }

    @Test
    void waitingClientIsAskedForTheBody() {
        try (RawPeer peer = http.peer()) {
            peer.send(head("POST", Http.JSON, "Expect: 100-continue\r\n"));
            peer.readUntil("HTTP/1.1 100 Continue\r\n\r\n");
            peer.send(chunk("  "))
                    .send(chunk("["))
                    .send(chunk("1,2"))
                    .send(chunk("]"))
                    .send("0\r\n\r\n");

            assertThat(peer.readUntil("]\n")).startsWith("HTTP/1.1 200 OK\r\n");
            peer.send("GET /t/ HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(peer.readUntil("]\n")).startsWith("HTTP/1.1 200 OK\r\n");
        }
    }

    @Test
    void bodyIsStreamedOverHttp2Too() throws Exception {
        byte[] lines =
                (item("a", "\"" + "x".repeat(16_000) + "\"") + "\n").repeat(64).getBytes(StandardCharsets.US_ASCII);
        List<byte[]> parts = Collections.nCopies(20, lines);
        URI uri = URI.create("http://127.0.0.1:" + http.host.address("http").getPort() + "/t/");
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            // The first request settles the version, since one with a body does not ask for it.
            client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());

            var answer = client.send(
                    HttpRequest.newBuilder(uri)
                            .header("Content-Type", NDJSON)
                            .PUT(HttpRequest.BodyPublishers.ofByteArrays(parts))
                            .build(),
                    BodyHandlers.ofString());

            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(answer.body()).contains("\"status\":201").hasSizeGreaterThan(20 * 64 * 20);
        }
    }

    @Test
    void windowOfAnHttp2StreamIsNotOpenedWhileTheHostPauses() {
        byte[] line = (item("a", "\"" + "x".repeat(16_000) + "\"") + "\n").getBytes(StandardCharsets.US_ASCII);
        http.host.faults().saturate(true);
        try (Http2Peer peer = new Http2Peer(http.peer()).begin()) {
            peer.headers(1, 0, Http2Peer.request("PUT", "/t/", "content-type", NDJSON));
            for (int i = 0; i < 8; i++) {
                peer.send(Http2Peer.DATA, 0, 1, line);
            }
            http.host.faults().saturate(false);
            Http2Peer.Frame update;
            do {
                update = peer.next(Http2Peer.WINDOW_UPDATE);
            } while (update.stream() != 1);
            for (int i = 0; i < 8; i++) {
                peer.send(Http2Peer.DATA, 0, 1, line);
            }
            peer.send(Http2Peer.DATA, Http2Peer.END_STREAM, 1);

            var reply = peer.reply();

            assertThat(reply.status()).isEqualTo("200");
            assertThat(reply.body().split("\"status\"", -1)).hasSize(17);
        }
    }

    @Test
    void arrayThatBreaksOverHttp2IsRefusedInTheMiddle() {
        try (Http2Peer peer = new Http2Peer(http.peer()).begin()) {
            peer.headers(1, 0, Http2Peer.request("POST", "/t/", "content-type", Http.JSON))
                    .send(Http2Peer.DATA, 0, 1, "[1,2}".getBytes(StandardCharsets.US_ASCII))
                    .send(Http2Peer.DATA, 0, 1, "]}".getBytes(StandardCharsets.US_ASCII));

            var reply = peer.reply();

            assertThat(reply.status()).isEqualTo("400");
            assertThat(reply.body()).contains("\"written\":1,").contains("\"refused\":1");
            assertThat(peer.get(3, "/t/").reply().status()).isEqualTo("200");
        }
    }

    @Test
    void oneRecordPostedMayBeNoLargerThanOthers() {
        String large = "{\"x\":\"" + "x".repeat(17 * MIB) + "\"}";

        assertThat(http.send("POST", "/t/", large, "Content-Type", Http.JSON).statusCode())
                .isEqualTo(413);
    }

    /** Media types of the tests. */
    private static final class Http {
        static final String JSON = "application/json";
    }
}
