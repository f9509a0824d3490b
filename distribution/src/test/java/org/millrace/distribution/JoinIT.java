package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.distribution.Http.JSON;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Relationships over HTTP, and what a query or a definition cannot ask, from the outside. */
class JoinIT {
    @TempDir
    static Path folder;

    private static MillraceProcess host;

    @BeforeAll
    static void startHost() {
        host = MillraceProcess.start(folder.resolve("data"));
        Http.put(
                host,
                "/$sys/tables/orders",
                JSON,
                "{\"relationships\":{\"customer\":{\"table\":\"customers\",\"from\":\"customerId\"}}}");
        Http.put(
                host,
                "/$sys/tables/customers",
                JSON,
                "{\"relationships\":{\"orders\":{\"table\":\"orders\",\"to\":\"customerId\"}}}");
        Http.put(host, "/customers/7", JSON, "{\"name\":\"Ann\",\"at\":{\"city\":\"Ulm\"}}");
        Http.put(host, "/customers/8", JSON, "{\"name\":\"Bob\",\"at\":{\"city\":\"Rom\"}}");
        Http.put(host, "/orders/1", JSON, "{\"customerId\":7,\"total\":10}");
        Http.put(host, "/orders/2", JSON, "{\"customerId\":7,\"total\":30}");
        Http.put(host, "/orders/3", JSON, "{\"customerId\":9,\"total\":5}");
    }

    @AfterAll
    static void stopHost() {
        assertThat(host.stop()).isZero();
    }

    private static String rows(String path) {
        HttpResponse<byte[]> answer = Http.get(host, path, "Accept", "application/x-ndjson");
        assertThat(answer.statusCode()).as(Http.text(answer)).isEqualTo(200);
        return Http.text(answer).replaceAll("\"etag\":\"[^\"]*\",", "");
    }

    @Test
    void theExamplesOfTheDocumentationHold() {
        assertThat(rows("/orders/?customer.at.city=Ulm&select(total,customer(name))"))
                .isEqualTo("{\"id\":\"1\",\"value\":{\"total\":10,\"customer\":{\"name\":\"Ann\"}}}\n"
                        + "{\"id\":\"2\",\"value\":{\"total\":30,\"customer\":{\"name\":\"Ann\"}}}\n");
        assertThat(rows("/customers/?orders.total=gt=25&select(name,orders($id,total))"))
                .isEqualTo("{\"id\":\"7\",\"value\":{\"name\":\"Ann\",\"orders\":[{\"$id\":\"1\",\"total\":10},"
                        + "{\"$id\":\"2\",\"total\":30}]}}\n");
        assertThat(rows("/orders/?customer=null&select(customer)"))
                .isEqualTo("{\"id\":\"3\",\"value\":{\"customer\":null}}\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "/orders/?total=1&customer.orders.total=1; position 8; is cyclic",
                "/orders/?select(total,custmer(name)); position 13; did you mean 'customer'?",
                "/orders/?total=xx=1; position 5; unknown comparison",
                "/orders/?total=number:many; position 6; number",
                "/orders/?(total=1; position 8; ')' expected",
                "/orders/?limit(ten); position 6; no count",
                "/orders/?frobnicate(total); position 0; unknown function",
                "/orders/?total=date:yesterday; position 6; no instant such as",
                "/orders/?total=boolean:maybe; position 6; neither true nor false",
                "/orders/?total; position 5; a comparison such as",
                "/orders/?total=1&&total=2; position 8; a comparison such as",
                "/orders/?a..b=1; position 0; an empty step",
                "/orders/?limit(5,2); position 0; is before the start",
                "/orders/?limit(-1); position 6; no count",
                "/orders/?limit(99999999999999999999); position 6; no count",
                "/orders/?select(max(total,x)); position 7; takes one attribute",
                "/orders/?sort(); position 5; an attribute's name expected",
                "/customers/?sort(orders.total); position 5; leads to many",
            })
    void aWrongQueryIsAProblemThatNamesThePosition(String path, String position, String why) {
        HttpResponse<byte[]> refused = Http.get(host, path);

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(Http.header(refused, "Content-Type")).startsWith("application/problem+json");
        assertThat(Http.text(refused))
                .contains("\"status\":400")
                .contains(position + ":")
                .contains(why);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{\"relationships\":{\"a\":{\"table\":\"wrong\",\"from\":\"$id\"}}}; can only be cyclic",
                "{\"history\":\"long\"}; 'history' is a text",
                "{\"indexes\":[\"a..b\"]}; 'indexes' names attributes",
                "{\"indexes\":\"a\"}; 'indexes' is a list",
                "{\"schema\":{\"type\":\"nonsense\"}}; schema",
                "{\"ttl\":5}; 'ttl' is a text",
            })
    void aWrongDefinitionIsAProblemThatNamesTheKey(String definition, String why) {
        HttpResponse<byte[]> refused = Http.put(host, "/$sys/tables/wrong", JSON, definition);

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(Http.text(refused)).contains(why);
        assertThat(Http.get(host, "/$sys/tables/wrong").statusCode()).isEqualTo(404);
    }

    @Test
    void aSchemaThatRecordsDoNotFulfilIsRefusedWithThem() {
        Http.put(host, "/rooms/1", JSON, "{\"temp\":\"warm\"}");
        HttpResponse<byte[]> refused = Http.put(
                host, "/$sys/tables/rooms", JSON, "{\"schema\":{\"properties\":{\"temp\":{\"type\":\"number\"}}}}");

        assertThat(refused.statusCode()).as(Http.text(refused)).isBetween(400, 409);
        assertThat(Http.text(refused)).contains("rooms/1").contains("/temp");
        assertThat(Http.get(host, "/$sys/tables/rooms").statusCode()).isEqualTo(404);
    }

    @Test
    void anIndexOfAnAttributeThatNoRecordHasFindsNothing() {
        Http.put(host, "/bare/1", JSON, "{\"a\":1}");
        Http.put(host, "/$sys/tables/bare", JSON, "{\"indexes\":[\"absent\"]}");
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() ->
                        Http.text(Http.get(host, "/$sys/indexes/bare/absent")).equals("{\"state\":\"ready\"}"));

        assertThat(rows("/bare/?absent=1")).isEmpty();
        assertThat(rows("/bare/?absent=1&explain()")).contains("absent = 1");
        assertThat(rows("/bare/?sort(absent)&limit(5)&select(a)")).isEqualTo("{\"id\":\"1\",\"value\":{\"a\":1}}\n");
    }
}
