package org.millrace.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.millrace.spi.content.MediaType;
import org.millrace.testkit.RawPeer;

/** Ranges, content codings, and the rules for pages of other origins. */
class TransferTest {
    private HttpHost http = HttpHost.create();

    @AfterEach
    void close() {
        http.close();
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-1, 206, 01, bytes 0-1/10",
        "bytes=8-, 206, 89, bytes 8-9/10",
        "bytes=8-99, 206, 89, bytes 8-9/10",
        "bytes=-3, 206, 789, bytes 7-9/10",
        "bytes=-99, 206, 0123456789, bytes 0-9/10",
        "'bytes=0-1,3-4', 200, 0123456789,",
        "bytes=5-2, 200, 0123456789,",
        "bytes=x, 200, 0123456789,",
        "BYTES=0-1, 206, 01, bytes 0-1/10",
        "items=0-1, 200, 0123456789,",
    })
    void rangeIsGiven(String range, int status, String body, String contentRange) {
        http.put("t/a", MediaType.TEXT, "0123456789".getBytes(StandardCharsets.US_ASCII));

        var got = http.get("/t/a", "Range", range);

        assertThat(got.statusCode()).isEqualTo(status);
        assertThat(got.body()).isEqualTo(body);
        assertThat(got.headers().firstValue("Content-Range").orElse(null)).isEqualTo(contentRange);
    }

    @Test
    void rangeBeyondTheRecordIsRefused() {
        http.put("t/a", MediaType.TEXT, new byte[10]);

        assertThat(http.get("/t/a", "Range", "bytes=999999999999-").statusCode())
                .isEqualTo(416);

        var refused = http.get("/t/a", "Range", "bytes=10-");

        assertThat(refused.statusCode()).isEqualTo(416);
        assertThat(refused.headers().firstValue("Content-Range")).contains("bytes */10");
    }

    @Test
    void partOfAnOtherStateIsNotGiven() {
        String tag = '"'
                + http.put("t/a", MediaType.TEXT, "0123456789".getBytes(StandardCharsets.US_ASCII))
                        .toString()
                + '"';
        String modified = http.get("/t/a").headers().firstValue("Last-Modified").orElseThrow();

        assertThat(http.get("/t/a", "Range", "bytes=0-1", "If-Range", tag).statusCode())
                .isEqualTo(206);
        assertThat(http.get("/t/a", "Range", "bytes=0-1", "If-Range", modified).statusCode())
                .isEqualTo(206);
        assertThat(http.get("/t/a", "Range", "bytes=0-1", "If-Range", "\"1-1\"").statusCode())
                .isEqualTo(200);
        assertThat(http.get("/t/a", "Range", "bytes=0-1", "If-Range", "W/" + tag)
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "gzip, gzip",
        "'deflate, gzip;q=0.5', deflate",
        "'br, *', gzip",
        "'gzip;q=0, deflate', deflate",
        "'gzip;q=0, *', deflate",
        "identity, ",
        "'gzip;q=0', ",
        "'*;q=0', ",
    })
    void answerIsCompressedAsTheClientLikes(String accept, String coding) throws IOException {
        String json = "[" + "1234567890,".repeat(500) + "0]";
        http.putJson("t/a", json);

        var got = http.getBytes("/t/a", "Accept-Encoding", accept);

        assertThat(got.headers().firstValue("Content-Encoding").orElse(null)).isEqualTo(coding);
        assertThat(plain(coding, got.body())).isEqualTo(json);
    }

    private static String plain(String coding, byte[] body) throws IOException {
        var in = new ByteArrayInputStream(body);
        return new String(
                (coding == null ? in : coding.equals("gzip") ? new GZIPInputStream(in) : new InflaterInputStream(in))
                        .readAllBytes(),
                StandardCharsets.UTF_8);
    }

    @Test
    void compressedFormHasATagOfItsOwnThatCountsLikeThePlainOne() {
        http.putJson("t/a", "[" + "1234567890,".repeat(500) + "0]");

        String tag = http.getBytes("/t/a", "Accept-Encoding", "gzip")
                .headers()
                .firstValue("ETag")
                .orElseThrow();

        assertThat(tag).endsWith(".gzip\"");
        assertThat(http.get("/t/a", "If-None-Match", tag).statusCode()).isEqualTo(304);
        assertThat(http.send("PUT", "/t/a", "1", "If-Match", tag).statusCode()).isEqualTo(204);
    }

    @Test
    void headTellsWhatGetWouldGive() {
        http.putJson("t/a", "[" + "1234567890,".repeat(500) + "0]");
        http.putJson("t/b", "[" + "1234567890,".repeat(60_000) + "0]");

        for (String path : new String[] {"/t/a", "/t/b", "/t/"}) {
            for (String coding : new String[] {"gzip", "identity"}) {
                var get = http.getBytes(path, "Accept-Encoding", coding);
                var head = http.send("HEAD", path, "", "Accept-Encoding", coding);
                assertThat(head.body()).isEmpty();
                for (String field :
                        new String[] {"ETag", "Content-Type", "Content-Encoding", "Content-Length", "Vary"}) {
                    assertThat(head.headers().firstValue(field))
                            .as(field + " of " + path)
                            .isEqualTo(get.headers().firstValue(field));
                }
            }
        }
    }

    @Test
    void largeAnswersAndCollectionsAreCompressedInParts() throws IOException {
        String json = "[" + "1234567890,".repeat(60_000) + "0]";
        http.putJson("t/a", json);
        http.putJson("t/b", json);

        var record = http.getBytes("/t/a", "Accept-Encoding", "gzip");
        assertThat(record.body().length).isLessThan(json.length() / 10);
        assertThat(plain("gzip", record.body())).isEqualTo(json);
        var all = http.getBytes("/t/", "Accept-Encoding", "gzip");
        assertThat(all.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(plain("gzip", all.body()))
                .hasSizeGreaterThan(2 * json.length())
                .endsWith("}]\n");
    }

    @Test
    void smallAnswersAndPicturesAreLeftAsTheyAre() {
        http.putJson("t/a", "1");
        http.put("t/b", new MediaType("image/png"), new byte[5000]);

        assertThat(http.get("/t/a", "Accept-Encoding", "gzip").headers().firstValue("Content-Encoding"))
                .isEmpty();
        assertThat(http.get("/t/b", "Accept-Encoding", "gzip").headers().firstValue("Content-Encoding"))
                .isEmpty();
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream coder = new GZIPOutputStream(out)) {
            coder.write(plain);
        }
        return out.toByteArray();
    }

    private String put(String coding, byte[] body) {
        try (RawPeer peer = http.peer()) {
            peer.send("PUT /t/a HTTP/1.1\r\n"
                    + "Host: x\r\n"
                    + "Connection: close\r\n"
                    + "Content-Type: text/plain\r\n"
                    + "Content-Encoding: "
                    + coding + "\r\nContent-Length: " + body.length + "\r\n\r\n");
            peer.send(body);
            return peer.readAll();
        }
    }

    @Test
    void compressedBodyIsUnpacked() throws IOException {
        assertThat(put("gzip", gzip("hello".getBytes(StandardCharsets.UTF_8)))).startsWith("HTTP/1.1 201 ");
        assertThat(http.text("t/a")).isEqualTo("hello");
        ByteArrayOutputStream deflated = new ByteArrayOutputStream();
        try (DeflaterOutputStream coder = new DeflaterOutputStream(deflated)) {
            coder.write("again".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(put("deflate", deflated.toByteArray())).startsWith("HTTP/1.1 204 ");
        assertThat(http.text("t/a")).isEqualTo("again");
    }

    @Test
    void compressionBombIsRefused() throws IOException {
        byte[] bomb = gzip(new byte[50_000_000]);
        assertThat(bomb.length).isLessThan(100_000);

        assertThat(put("gzip", bomb)).startsWith("HTTP/1.1 413 ");
        assertThat(http.host.record("t/a")).isEmpty();
    }

    @Test
    void bodyThatIsNotWhatItsCodingSaysIsRefused() throws IOException {
        byte[] good = gzip("hello".getBytes(StandardCharsets.UTF_8));
        byte[] wrongSum = good.clone();
        wrongSum[good.length - 6] ^= 1;
        byte[] cut = java.util.Arrays.copyOf(good, good.length - 9);

        assertThat(put("gzip", "hello".getBytes(StandardCharsets.UTF_8))).startsWith("HTTP/1.1 400 ");
        assertThat(put("gzip", wrongSum)).startsWith("HTTP/1.1 400 ");
        assertThat(put("gzip", cut)).startsWith("HTTP/1.1 400 ");
        assertThat(put("gzip", new byte[0])).startsWith("HTTP/1.1 400 ");
        assertThat(put("deflate", good)).startsWith("HTTP/1.1 400 ");
    }

    private String ask(String method, String... fields) {
        try (RawPeer peer = http.peer()) {
            peer.send(method + " /t/a HTTP/1.1\r\nHost: db.example:8080\r\nConnection: close\r\nContent-Length: 0\r\n"
                    + String.join("\r\n", fields) + "\r\n\r\n");
            return peer.readAll();
        }
    }

    @Test
    void pagesOfOtherOriginsMayNeitherReadNorWrite() {
        http.putJson("t/a", "1");

        assertThat(ask("GET", "Origin: https://evil.example"))
                .startsWith("HTTP/1.1 200 ")
                .doesNotContain("Allow-Origin");
        assertThat(ask("DELETE", "Origin: https://evil.example"))
                .startsWith("HTTP/1.1 403 ")
                .contains("http.origins");
        assertThat(ask("POST", "Origin: null")).startsWith("HTTP/1.1 403 ");
        assertThat(ask("GET", "Origin: http://db.example:8080"))
                .contains("\r\nAccess-Control-Allow-Origin: http://db.example:8080\r\n")
                .contains("\r\nVary: Origin\r\n");
        assertThat(ask("DELETE", "Origin: http://db.example:8080")).startsWith("HTTP/1.1 204 ");
    }

    @Test
    void namedOriginsMayAndAreToldBeforeTheyShowCredentials() {
        http.close();
        http = new HttpHost(Map.of("origins", "https://app.example"));
        http.host.allowAnonymous(false);

        String told = ask(
                "OPTIONS",
                "Origin: https://app.example",
                "Access-Control-Request-Method: PUT",
                "Access-Control-Request-Headers: if-match, content-type");

        assertThat(told)
                .startsWith("HTTP/1.1 204 ")
                .contains("\r\nAccess-Control-Allow-Origin: https://app.example\r\n")
                .contains("\r\nAccess-Control-Allow-Headers: if-match, content-type\r\n")
                .containsPattern("Access-Control-Allow-Methods: [A-Z, ]*PUT");
        assertThat(ask("OPTIONS", "Origin: https://evil.example", "Access-Control-Request-Method: PUT"))
                .doesNotContain("Allow-Origin");
        assertThat(ask("PUT", "Origin: https://app.example"))
                .startsWith("HTTP/1.1 401 ")
                .contains("Allow-Origin");
    }
}
