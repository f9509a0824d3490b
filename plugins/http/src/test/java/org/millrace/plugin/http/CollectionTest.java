package org.millrace.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;
import org.millrace.testkit.RawPeer;

class CollectionTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpHost http = HttpHost.create();

    @AfterEach
    void close() {
        http.close();
    }

    @Test
    void listsEveryRecordWithItsIdAndTag() throws Exception {
        String tag = http.putJson("t/a", "{\"x\":1}").toString();
        http.putJson("t/b/c", "[1,\n2]");
        http.putJson("t", "\"own name\"");
        http.putJson("t/", "\"empty id\"");
        http.put("t/z", new MediaType("image/png"), new byte[] {0, (byte) 0xff});
        http.putJson("u/a", "1");

        var got = http.get("/t/");

        assertThat(got.headers().firstValue("Content-Type")).contains("application/json");
        JsonNode rows = JSON.readTree(got.body());
        assertThat(rows).hasSize(5);
        assertThat(rows.get(0).get("id").isNull()).isTrue();
        assertThat(rows.get(1).get("id").asText()).isEmpty();
        assertThat(rows.get(2)).hasToString("{\"id\":\"a\",\"etag\":\"" + tag + "\",\"value\":{\"x\":1}}");
        assertThat(rows.get(3).get("id").asText()).isEqualTo("b/c");
        assertThat(rows.get(3).get("value")).hasToString("[1,2]");
        assertThat(rows.get(4).get("type").asText()).isEqualTo("image/png");
        assertThat(rows.get(4).get("base64").asText()).isEqualTo("AP8=");
        assertThat(rows.get(4).has("value")).isFalse();
    }

    @Test
    void ndjsonHasOneRecordALine() throws Exception {
        http.putJson("t/a", "{\r\n\"x\":1\n}");
        http.putJson("t/b", "\"\\n\"");

        var got = http.get("/t/", "Accept", "application/x-ndjson");

        assertThat(got.headers().firstValue("Content-Type")).contains("application/x-ndjson");
        assertThat(got.body()).endsWith("\n");
        assertThat(got.body().lines()).hasSize(2);
        for (String line : got.body().lines().toList()) {
            assertThat(JSON.readTree(line).has("value")).isTrue();
        }
    }

    @Test
    void emptyCollectionIsAnEmptyArray() {
        assertThat(http.get("/nothing/").body()).isEqualTo("[]\n");
        assertThat(http.get("/nothing/", "Accept", "application/x-ndjson").body())
                .isEmpty();
    }

    @Test
    void otherTypesAreRefused() {
        assertThat(http.get("/t/", "Accept", "text/html").body())
                .contains("\"available\":[\"application/json\",\"application/x-ndjson\",\"application/cbor\",");
    }

    @Test
    void headHasNoBody() {
        http.putJson("t/a", "1");
        try (RawPeer peer = http.peer()) {
            peer.send("HEAD /t/ HTTP/1.1\r\nHost: x\r\n\r\nGET /t/a HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(peer.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(peer.readUntil("\r\n\r\n1")).startsWith("HTTP/1.1 200 OK\r\n");
        }
    }

    @Test
    void http10ClientGetsItUpToTheEndOfTheConnection() {
        http.putJson("t/a", "1");
        try (RawPeer peer = http.peer()) {
            peer.send("GET /t/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            assertThat(peer.readAll())
                    .contains("Connection: close")
                    .doesNotContain("chunked")
                    .endsWith("\"value\":1}]\n");
        }
    }

    @Test
    void refusedQueryIsAProblemAndNotABrokenStream() {
        var refused = http.get("/t/?x=1");

        assertThat(refused.statusCode()).isEqualTo(415);
        assertThat(refused.body()).contains("no query language");
        try (RawPeer peer = http.peer()) {
            peer.send("GET /t/?%zz HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(peer.readUntil("}\n")).startsWith("HTTP/1.1 400 ").contains("illegal escape");
        }
    }

    @Test
    void slowReaderGetsEverythingAndDelaysNobody() {
        String value = '"' + "x".repeat(20_000) + '"';
        for (int i = 0; i < 300; i++) {
            http.putJson("t/" + i, value);
        }
        try (RawPeer slow = RawPeer.connect(http.host.address("http"), 4096)) {
            slow.send("GET /t/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            slow.readUntil("\r\n\r\n");
            assertThat(http.get("/t/0").statusCode()).isEqualTo(200);
            String all = slow.within(Duration.ofSeconds(30)).readAll();
            assertThat(all).endsWith("0\r\n\r\n");
            assertThat(all.split("\"id\":", -1)).hasSize(301);
        }
    }
}
