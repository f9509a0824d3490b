package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What HTTP offers beyond single records, on the host as it is shipped. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpFeaturesIT {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String NDJSON = "application/x-ndjson";

    @TempDir
    static Path folder;

    private MillraceProcess host;

    @BeforeAll
    void start() {
        host = MillraceProcess.start(folder.resolve("data"));
    }

    @AfterAll
    void stop() {
        host.close();
    }

    private JsonNode json(String path) throws Exception {
        return MAPPER.readTree(Http.text(Http.get(host, path)));
    }

    @Test
    void bulkIsWrittenQueriedInPagesAndDeleted() throws Exception {
        String lines = IntStream.range(0, 3000)
                .mapToObj(i -> "{\"id\":\"%05d\",\"value\":{\"n\":%d,\"g\":%d}}".formatted(i, i, i % 3))
                .collect(Collectors.joining("\n"));
        assertThat(Http.put(host, "/bulk/", NDJSON, lines).statusCode()).isEqualTo(200);

        assertThat(json("/bulk/?count()").get(0).get("value").get("count()").asInt())
                .isEqualTo(3000);
        assertThat(json("/bulk/?or(n=1,n=2)")).hasSize(2);
        int rows = 0;
        String next = "/bulk/?g=1&$limit=400";
        while (!next.isEmpty()) {
            var page = Http.get(host, next);
            rows += MAPPER.readTree(Http.text(page)).size();
            String link = Http.header(page, "Link");
            next = link.isEmpty() ? "" : link.substring(1, link.indexOf('>'));
        }
        assertThat(rows).isEqualTo(1000);
        assertThat(Http.text(Http.delete(host, "/bulk/?g=1"))).isEqualTo("{\"deleted\":1000,\"changed\":0}\n");
        assertThat(json("/bulk/?count()").get(0).get("value").get("count()").asInt())
                .isEqualTo(2000);
    }

    @Test
    void transactionMovesBetweenRecordsOrNotAtAll() throws Exception {
        String moved = "[{\"op\":\"put\",\"path\":\"acc/a\",\"value\":{\"n\":1}},"
                + "{\"op\":\"put\",\"path\":\"acc/b\",\"value\":{\"n\":2}}]";
        assertThat(Http.post(host, "/$transactions", Http.JSON, moved).statusCode())
                .isEqualTo(200);
        String refused = "[{\"op\":\"delete\",\"path\":\"acc/a\"},"
                + "{\"op\":\"put\",\"path\":\"acc/b\",\"value\":0,\"ifNoneMatch\":\"*\"}]";
        assertThat(Http.post(host, "/$transactions", Http.JSON, refused).statusCode())
                .isEqualTo(412);
        assertThat(Http.get(host, "/acc/a").statusCode()).isEqualTo(200);
    }

    @Test
    void probesAndMetricsAreThere() {
        assertThat(Http.text(Http.get(host, "/$sys/health/live"))).isEqualTo("{\"status\":\"up\"}");
        assertThat(Http.text(Http.get(host, "/$sys/health/ready"))).isEqualTo("{\"status\":\"up\"}");
        var metrics = Http.get(host, "/metrics");
        assertThat(Http.header(metrics, "Content-Type")).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        assertThat(Http.text(metrics)).contains("millrace_http_requests_total");
    }

    @Test
    void declaredTablesAreDescribed() throws Exception {
        Http.put(host, "/$sys/tables/rooms", Http.JSON, "{\"ttl\":\"30d\"}");
        String schema =
                "{\"schema\":{\"$defs\":{\"n\":{\"type\":\"number\"}},\"properties\":{\"a\":{\"$ref\":\"#/$defs/n\"}}}}";
        Http.put(host, "/$sys/tables/two%20words", Http.JSON, schema);
        Http.put(host, "/$sys/tables/two_words", Http.JSON, schema);

        JsonNode description = json("/$sys/openapi.json");

        assertThat(description.get("openapi").asText()).isEqualTo("3.1.0");
        assertThat(description.get("paths").has("/rooms/")).isTrue();
        assertThat(description.get("paths").has("/rooms/{id}")).isTrue();
        JsonNode schemas = description.get("components").get("schemas");
        assertThat(schemas.has("table.rooms")).isTrue();
        JsonNode words = schemas.get("table.two_words");
        assertThat(words.get("$id").asText()).isEqualTo("urn:millrace:table:two%20words");
        assertThat(words.get("$defs").get("n").get("type").asText()).isEqualTo("number");
        assertThat(schemas.get("table.two_words-2").get("$id").asText()).isEqualTo("urn:millrace:table:two_words");
        assertThat(description
                        .at("/paths/~1two_words~1{id}/get/responses/200/content/application~1json/schema/$ref")
                        .asText())
                .isEqualTo("#/components/schemas/table.two_words-2");
    }
}
