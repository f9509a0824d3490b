package org.millrace.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;

class NegotiationTest {
    /** {@code {"t":1}}. */
    private static final String CBOR = "bf617401ff";

    private final HttpHost http = HttpHost.create();

    @AfterEach
    void close() {
        http.close();
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void jsonRecordIsGivenAsCbor() {
        http.putJson("a/b", "{\"t\":1}");

        var got = http.getBytes("/a/b", "Accept", "application/cbor");

        assertThat(got.headers().firstValue("Content-Type")).contains("application/cbor");
        assertThat(hex(got.body())).isIn(CBOR, "a1617401");
        assertThat(got.headers().firstValue("ETag").orElseThrow()).endsWith(".cbor\"");
    }

    @Test
    void suffixStandsForAccept() {
        http.putJson("a/b", "{\"t\":1}");

        assertThat(http.get("/a/b.cbor").headers().firstValue("Content-Type")).contains("application/cbor");
        assertThat(http.get("/a/b.json", "Accept", "image/png").body()).isEqualTo("{\"t\":1}");
        assertThat(http.get("/a/c.json").statusCode()).isEqualTo(404);
    }

    @Test
    void recordWhoseNameEndsInASuffixComesFirst() {
        http.putJson("a/b", "1");
        http.putJson("a/b.cbor", "2");

        assertThat(http.get("/a/b.cbor").body()).isEqualTo("2");
    }

    @Test
    void writesTakeASuffixAsPartOfTheName() {
        http.send("PUT", "/a/b.json", "1");

        assertThat(http.host.record("a/b.json")).isPresent();
        assertThat(http.host.record("a/b")).isEmpty();
    }

    @Test
    void refusalListsWhatThereIs() {
        http.putJson("a/b", "1");

        var refused = http.get("/a/b", "Accept", "text/html");

        assertThat(refused.statusCode()).isEqualTo(406);
        assertThat(refused.body()).contains("\"available\":[\"application/json\",\"application/cbor\"]");
        assertThat(refused.headers().firstValue("Vary")).contains("Accept");
    }

    @Test
    void opaqueRecordHasItsOwnTypeOnly() {
        http.put("a/b", new MediaType("image/png"), new byte[] {1});

        assertThat(http.get("/a/b", "Accept", "image/*").statusCode()).isEqualTo(200);
        assertThat(http.get("/a/b", "Accept", "application/json").body()).contains("\"available\":[\"image/png\"]");
    }

    @Test
    void notModifiedHasValidatorsAndNoBody() {
        http.putJson("a/b", "1");
        String tag = http.get("/a/b").headers().firstValue("ETag").orElseThrow();

        var got = http.get("/a/b", "If-None-Match", tag);

        assertThat(got.statusCode()).isEqualTo(304);
        assertThat(got.body()).isEmpty();
        assertThat(got.headers().firstValue("ETag")).contains(tag);
        assertThat(got.headers().firstValue("Vary")).contains("Accept, Accept-Encoding");
    }

    @Test
    void optimisticUpdateSucceedsOnce() {
        http.putJson("a/b", "1");
        String tag = http.get("/a/b").headers().firstValue("ETag").orElseThrow();

        assertThat(http.send("PUT", "/a/b", "2", "If-Match", tag).statusCode()).isEqualTo(204);
        assertThat(http.send("PUT", "/a/b", "3", "If-Match", tag).statusCode()).isEqualTo(412);
        assertThat(http.text("a/b")).isEqualTo("2");
    }

    @Test
    void createOnlySucceedsOnce() {
        assertThat(http.send("PUT", "/a/b", "1", "If-None-Match", "*").statusCode())
                .isEqualTo(201);
        assertThat(http.send("PUT", "/a/b", "2", "If-None-Match", "*").statusCode())
                .isEqualTo(412);
        assertThat(http.text("a/b")).isEqualTo("1");
    }

    @Test
    void conditionOnAnAbsentRecordDoesNotHideThatItIsAbsent() {
        assertThat(http.get("/a/b", "If-Match", "*").statusCode()).isEqualTo(404);
        assertThat(http.send("DELETE", "/a/b", "", "If-Match", "*").statusCode())
                .isEqualTo(404);
        assertThat(http.send("PUT", "/a/b", "1", "If-Match", "*").statusCode()).isEqualTo(412);
    }

    @Test
    void writeOfAnOlderDateIsRefused() {
        http.putJson("a/b", "1");

        String old = "Sun, 06 Nov 1994 08:49:37 GMT";
        String future = "Sun, 06 Nov 2094 08:49:37 GMT";
        assertThat(http.send("PUT", "/a/b", "2", "If-Unmodified-Since", old).statusCode())
                .isEqualTo(412);
        assertThat(http.send("PUT", "/a/b", "2", "If-Unmodified-Since", future).statusCode())
                .isEqualTo(204);
        assertThat(http.send("PUT", "/a/c", "2", "If-Unmodified-Since", old).statusCode())
                .isEqualTo(201);
    }

    @Test
    void bothTagConditionsMustHold() {
        http.putJson("a/b", "1");
        String tag = http.get("/a/b").headers().firstValue("ETag").orElseThrow();

        assertThat(http.send("PUT", "/a/b", "2", "If-Match", "*", "If-None-Match", tag)
                        .statusCode())
                .isEqualTo(412);
        assertThat(http.send("PUT", "/a/b", "2", "If-Match", "*", "If-None-Match", "\"1-1\"")
                        .statusCode())
                .isEqualTo(204);
    }
}
