package org.millrace.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.millrace.spi.content.MediaType;

class RowFormatsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper CBOR = new ObjectMapper(new CBORFactory());

    private final HttpHost http = HttpHost.create();

    @BeforeEach
    void fill() {
        http.putJson("t/a", "{\"x\":1,\"s\":\"one, \\\"two\\\"\",\"n\":null}");
        http.putJson("t/b", "{\"s\":\"\\u00e9\",\"x\":[1,2],\"more\":true}");
        http.put("t/z", new MediaType("image/png"), new byte[300]);
    }

    @AfterEach
    void close() {
        http.close();
    }

    @Test
    void cborIsOneArray() throws Exception {
        JsonNode rows =
                CBOR.readTree(http.getBytes("/t/", "Accept", "application/cbor").body());

        assertThat(rows).hasSize(3);
        assertThat(rows.get(0).get("id").asText()).isEqualTo("a");
        assertThat(rows.get(1).get("value").get("more").asBoolean()).isTrue();
        assertThat(rows.get(2).get("type").asText()).isEqualTo("image/png");
        assertThat(rows.get(2).get("bytes").binaryValue()).hasSize(300);
        assertThat(CBOR.readTree(http.getBytes("/none/.cbor").body())).isEmpty();
    }

    @Test
    void cborSequenceHasOneItemARecord() throws Exception {
        byte[] body = http.getBytes("/t/", "Accept", "application/cbor-seq").body();

        try (MappingIterator<JsonNode> items = CBOR.readerFor(JsonNode.class).readValues(body)) {
            assertThat(items.readAll()).hasSize(3);
        }
    }

    @Test
    void csvHasTheAttributesOfAllTheFirstRows() {
        var got = http.get("/t/", "Accept", "text/csv");

        assertThat(got.headers().firstValue("Content-Type")).contains("text/csv; charset=utf-8; header=present");
        assertThat(got.body())
                .isEqualTo("id,x,s,n,more,value\r\na,1,\"one, \"\"two\"\"\",,,\r\nb,\"[1,2]\",é,,true,\r\nz,,,,,"
                        + "A".repeat(400) + "\r\n");
    }

    @Test
    void csvOfManyRowsIsWhole() {
        for (int i = 0; i < 250; i++) {
            http.putJson("m/%03d".formatted(i), "{\"n\":%d}".formatted(i));
        }

        var lines = http.get("/m/.csv").body().lines().toList();

        assertThat(lines).hasSize(251).startsWith("id,n", "000,0").endsWith("249,249");
        assertThat(http.get("/m/.csv?$limit=3").body()).isEqualTo("id,n\r\n000,0\r\n001,1\r\n002,2\r\n");
        assertThat(http.get("/none/.csv").body()).isEqualTo("");
    }

    @Test
    void suffixInARecordsPlaceNamesTheFormat() {
        assertThat(http.get("/t/.csv").body()).startsWith("id,x,s,n,more,value\r\n");
        assertThat(http.get("/t/.ndjson").body().lines()).hasSize(3);
        http.putJson("t/.json", "\"a record\"");
        assertThat(http.get("/t/.json").body()).isEqualTo("\"a record\"");
    }

    @Test
    void pagesAreLinkedAndCoverTheTableOnce() throws Exception {
        for (int i = 0; i < 25; i++) {
            http.putJson("p/%d é".formatted(i), "1");
        }
        http.putJson("p", "\"own\"");
        http.putJson("p/", "\"empty\"");
        List<String> ids = new ArrayList<>();
        String next = "/p/?$limit=10";
        int pages = 0;
        while (!next.isEmpty()) {
            var page = http.get(next);
            assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
            JSON.readTree(page.body()).forEach(row -> ids.add(row.get("id").asText()));
            next = page.headers()
                    .firstValue("Link")
                    .map(link -> link.substring(1, link.indexOf('>')))
                    .orElse("");
            pages++;
        }
        assertThat(pages).isEqualTo(3);
        assertThat(ids).hasSize(27).doesNotHaveDuplicates();
    }

    @Test
    void pagesOfAShapedResultAreRefused() {
        assertThat(http.get("/t/?sort(x)&$limit=5").body()).contains("sort()");
        assertThat(http.get("/t/?$limit=0").statusCode()).isEqualTo(400);
        assertThat(http.get("/t/?%24limit=2").headers().firstValue("Link")).isPresent();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "$limt=5, unknown '$limt'; did you mean '$limit'?",
                "%24limt=5, unknown '$limt'; did you mean '$limit'?",
                "x=1&$afetr=a, unknown '$afetr'; did you mean '$after'?",
                "$limit!=5, '$limit' is an option of this server's; it takes '=' and a value",
                "$all=true, '$all' is an option of this server's; only DELETE takes it",
            })
    void aMisspeltOptionIsNoCondition(String query, String detail) throws Exception {
        var refused = http.get("/t/?" + query);

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(JSON.readTree(refused.body()).get("detail").asText()).startsWith(detail);
    }

    @Test
    void anAttributeThatBeginsWithADollarIsLeftToTheQueryLanguage() {
        for (String query : List.of("$$limt=5", "$schema=a", "$id=a")) {
            assertThat(http.get("/t/?" + query).body()).as(query).contains("no query language");
        }
    }

    @Test
    void queryOfATypeThatIsNoneIsRefused() {
        var refused = http.send("QUERY", "/t/", "{\"x\":1}", "Content-Type", "application/json");

        assertThat(refused.statusCode()).isEqualTo(415);
        assertThat(refused.headers().firstValue("Accept-Query"))
                .contains("application/x-www-form-urlencoded, text/plain");
        assertThat(http.send("QUERY", "/t/", "", "Content-Type", "text/plain; charset=utf-8")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void queryMethodAsksByItsBody() {
        assertThat(http.send("QUERY", "/t/", "").body()).startsWith("[{\"id\":\"a\"");
        assertThat(http.send("QUERY", "/t/", "x=1").body()).contains("no query language");
        assertThat(http.send("QUERY", "/t/", "$limit=1").headers().firstValue("Link"))
                .isPresent();
    }
}
