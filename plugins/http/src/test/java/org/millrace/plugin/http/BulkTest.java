package org.millrace.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.millrace.spi.content.MediaType;
import org.millrace.testkit.RawPeer;

class BulkTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NDJSON = "application/x-ndjson";

    private HttpHost http = HttpHost.create();

    @AfterEach
    void close() {
        http.close();
    }

    private JsonNode send(String method, String path, String type, String body) throws Exception {
        var answer = http.send(method, path, body, "Content-Type", type);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    @Test
    void putOfAnArraySetsEachRecordAndTellsOfEach() throws Exception {
        http.putJson("t/b", "0");

        JsonNode results = send(
                "PUT",
                "/t/",
                "application/json",
                "[{\"id\":\"a\\u0020/x\",\"value\":{\"v\":[1,{\"w\":\"],\\\"\"}]}},{\"id\":\"b\",\"value\":2},"
                    + "{\"id\":\"c\",\"type\":\"image/png\",\"base64\":\"AP8=\"},{\"value\":3},{\"id\":\"+\",\"value\":1}]");

        assertThat(results).hasSize(5);
        assertThat(results.get(0).get("id").asText()).isEqualTo("a /x");
        assertThat(results.get(0).get("status").asInt()).isEqualTo(201);
        assertThat(results.get(0).has("etag")).isTrue();
        assertThat(results.get(1).get("status").asInt()).isEqualTo(204);
        assertThat(results.get(2).get("status").asInt()).isEqualTo(201);
        assertThat(results.get(3).get("status").asInt()).isEqualTo(400);
        assertThat(results.get(3).get("problem").get("detail").asText()).contains("'id'");
        assertThat(results.get(4).get("status").asInt()).isEqualTo(400);
        assertThat(http.text("t/a /x")).isEqualTo("{\"v\":[1,{\"w\":\"],\\\"\"}]}");
        assertThat(http.host.record("t/c").orElseThrow().content().toByteArray())
                .containsExactly(0, 0xff);
    }

    @Test
    void whatACollectionGivesCanBePutBack() throws Exception {
        http.putJson("t/a", "{\"x\":\"\\u00e9\"}");
        http.putJson("t", "\"own\"");
        http.put("t/z", new MediaType("image/png"), new byte[] {1, 2, 3});
        String all = http.get("/t/").body();

        send("PUT", "/u/", "application/json", all);

        assertThat(http.text("u/a")).isEqualTo("{\"x\":\"\\u00e9\"}");
        assertThat(http.text("u")).isEqualTo("\"own\"");
        assertThat(http.host.record("u/z").orElseThrow().content().mediaType().name())
                .isEqualTo("image/png");
    }

    @Test
    void whatACollectionGivesInCborCanBePutBack() {
        http.putJson("t/a", "7");
        http.put("t/z", new MediaType("image/png"), new byte[] {-1, -2, 3, 0});
        byte[] all = http.getBytes("/t/", "Accept", "application/cbor").body();

        try (RawPeer peer = http.peer()) {
            peer.send("PUT /u/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/cbor\r\nContent-Length: " + all.length
                            + "\r\n\r\n")
                    .send(all);
            assertThat(peer.readUntil("}]\n")).contains("\"id\":\"a\",\"status\":201", "\"id\":\"z\",\"status\":201");
        }

        assertThat(http.text("u/a")).isEqualTo("7");
        assertThat(http.host.record("u/z").orElseThrow().content().toByteArray())
                .containsExactly(-1, -2, 3, 0);
    }

    @Test
    void linesAreItemsAndOneBadLineSpoilsNoOther() throws Exception {
        JsonNode results = send(
                "PUT",
                "/t/",
                NDJSON,
                "{\"id\":\"a\",\"value\":1}\n\n{\"id\":\"b\",\"val\r\n{\"id\":\"c\",\"value\":3}");

        assertThat(results.findValuesAsText("status")).contains("201", "400", "201");
        assertThat(results).hasSize(3);
        assertThat(http.text("t/c")).isEqualTo("3");
    }

    @Test
    void postOfLinesMakesARecordOfEach() throws Exception {
        JsonNode results = send("POST", "/t/", NDJSON, "{\"x\":1}\n{\"x\":2}\n");

        assertThat(results).hasSize(2);
        String first = results.get(0).get("id").asText();
        assertThat(first).isLessThan(results.get(1).get("id").asText());
        assertThat(http.text("t/" + first)).isEqualTo("{\"x\":1}");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {"application/json", "application/json;charset=utf-8", "application/x-www-form-urlencoded"})
    void postOfAnArrayMakesARecordOfEachElement(String type) throws Exception {
        JsonNode results = send("POST", "/t/", type, " [{\"x\":1},\n2]");

        assertThat(results.findValuesAsText("status")).containsExactly("201", "201");
        assertThat(http.text("t/" + results.get(0).get("id").asText())).isEqualTo("{\"x\":1}");
        assertThat(http.text("t/" + results.get(1).get("id").asText())).isEqualTo("2");
    }

    @Test
    void postOfAnythingElseMakesOneRecord() {
        var made = http.send("POST", "/t/", "\n{\"x\":[1,2]}", "Content-Type", "application/json");

        assertThat(made.statusCode()).isEqualTo(201);
        assertThat(http.get(made.headers().firstValue("Location").orElseThrow()).body())
                .isEqualTo("\n{\"x\":[1,2]}");
    }

    @Test
    void manyItemsAreWrittenWhileTheHostPauses() throws Exception {
        http.host.faults().saturate(false);
        String lines = IntStream.range(0, 5000)
                .mapToObj(i -> "{\"id\":\"" + i + "\",\"value\":" + i + "}")
                .collect(Collectors.joining("\n"));

        JsonNode results = send("PUT", "/t/", NDJSON, lines);

        assertThat(results).hasSize(5000);
        assertThat(results.findValuesAsText("status")).containsOnly("201");
        assertThat(http.text("t/4999")).isEqualTo("4999");
    }

    @Test
    void transactionBeyondTheLimitIsRefused() {
        http.close();
        http = new HttpHost(Map.of("max-bulk-items", "2"));

        var refused = http.send("POST", "/$transactions", "1\n2\n3", "Content-Type", NDJSON);

        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(refused.body()).contains("http.max-bulk-items allows 2");
    }

    @Test
    void conditionOnAWholeCollectionIsRefused() {
        assertThat(http.send("PUT", "/t/", "[]", "If-Match", "\"1-1\"", "Content-Type", "application/json")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void transactionIsDoneAsAWhole() throws Exception {
        String tag = http.putJson("t/a", "{\"n\":1}").toString();
        http.putJson("t/d", "1");

        JsonNode results = send(
                "POST",
                "/$transactions",
                "application/json",
                "[{\"op\":\"patch\",\"path\":\"t/a\",\"value\":{\"m\":2},\"ifMatch\":\"" + tag
                        + "\"},{\"op\":\"put\",\"path\":\"u/b\",\"value\":3,\"ifNoneMatch\":\"*\"},"
                        + "{\"op\":\"delete\",\"path\":\"t/d\"},{\"op\":\"publish\",\"path\":\"e/x\",\"value\":\"hi\"}]");

        assertThat(results.findValuesAsText("status")).containsExactly("204", "201", "204", "204");
        assertThat(results.get(1).get("path").asText()).isEqualTo("u/b");
        assertThat(JSON.readTree(http.text("t/a"))).hasToString("{\"n\":1,\"m\":2}");
        assertThat(http.host.record("t/d")).isEmpty();
    }

    @Test
    void transactionThatFailsChangesNothing() {
        http.putJson("t/a", "1");

        var refused = http.send(
                "POST",
                "/$transactions",
                "[{\"op\":\"put\",\"path\":\"t/b\",\"value\":1},"
                        + "{\"op\":\"put\",\"path\":\"t/a\",\"value\":2,\"ifNoneMatch\":\"*\"}]",
                "Content-Type",
                "application/json");

        assertThat(refused.statusCode()).isEqualTo(412);
        assertThat(http.host.record("t/b")).isEmpty();
        assertThat(http.text("t/a")).isEqualTo("1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "[]; at least one operation",
                "{}; array",
                "[1]; object",
                "[{\"op\":\"put\",\"value\":1}]; 'path'",
                "[{\"op\":\"frob\",\"path\":\"t/a\"}]; 'frob'",
                "[{\"op\":\"delete\",\"path\":\"t/a\",\"ifMatch\":\"*\",\"ifNoneMatch\":\"*\"}]; not both",
                "[{\"op\":\"delete\",\"path\":\"t/a\",\"ifMatch\":\"zz\"}]; entity tag",
                "[{\"op\":\"put\",\"path\":\"t/a\",\"type\":\"a/b\",\"base64\":\"!\"}]; Base64",
                "[{\"op\":\"put\",\"path\":\"t/a\",\"value\":1,\"ifmatch\":\"*\"}]; 'ifmatch'",
                "[{\"op\":\"put\",\"path\":\"t/a\",\"value\":1,\"type\":\"a/b\"}]; not both",
            })
    void malformedTransactionNamesWhatIsWrong(String body, String named) {
        var refused = http.send("POST", "/$transactions", body, "Content-Type", "application/json");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains(named);
    }

    @Test
    void itemWithANameThatMeansNothingIsRefused() {
        String answer = http.send(
                        "PUT",
                        "/t/",
                        "[{\"id\":\"a\",\"value\":1,\"ifMatch\":\"*\"},{\"id\":\"b\",\"value\":1,\"etag\":\"1-1\"}]",
                        "Content-Type",
                        "application/json")
                .body();

        assertThat(answer).contains("'ifMatch' means nothing here", "{\"id\":\"b\",\"status\":201");
        assertThat(http.host.record("t/a")).isEmpty();
    }

    @Test
    void deleteOfAllBesideAConditionIsRefused() {
        http.putJson("t/1", "1");
        for (String query : new String[] {"$all=true&n=1", "n=1&%24all=true", "$all=false", "$all"}) {
            assertThat(http.send("DELETE", "/t/?" + query, "").body()).contains("$all stands alone");
        }
        assertThat(http.text("t/1")).isEqualTo("1");
    }

    @Test
    void deleteOfACollectionDeletesWhatIsFoundAndCounts() {
        for (int i = 0; i < 200; i++) {
            http.putJson("t/" + i, "1");
        }
        assertThat(http.send("DELETE", "/t/", "").statusCode()).isEqualTo(400);
        assertThat(http.send("DELETE", "/t/?count()", "").statusCode()).isEqualTo(400);

        var deleted = http.send("DELETE", "/t/?$all=true", "");

        assertThat(deleted.body()).isEqualTo("{\"deleted\":200,\"changed\":0}\n");
        assertThat(http.get("/t/").body()).isEqualTo("[]\n");
    }
}
