package org.millrace.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.testkit.RawPeer;

class RecordMethodsTest {
    private final HttpHost http = HttpHost.create();

    @AfterEach
    void close() {
        http.close();
    }

    @Test
    void putCreatesThenReplaces() {
        var created = http.send("PUT", "/sensors/kitchen", "{\"temp\":21}", "Content-Type", "application/json");
        assertThat(created.statusCode()).isEqualTo(201);
        assertThat(created.headers().firstValue("Location")).contains("/sensors/kitchen");
        assertThat(created.headers().firstValue("ETag")).contains(etag("sensors/kitchen"));

        var replaced = http.send("PUT", "/sensors/kitchen", "{\"temp\":22}", "Content-Type", "application/json");
        assertThat(replaced.statusCode()).isEqualTo(204);
        assertThat(replaced.headers().firstValue("ETag")).contains(etag("sensors/kitchen"));
        assertThat(http.text("sensors/kitchen")).isEqualTo("{\"temp\":22}");
    }

    @Test
    void getGivesTheStoredBytesAndValidators() {
        http.putJson("a/b", "{ \"x\" : 1 }");

        var got = http.get("/a/b");

        assertThat(got.statusCode()).isEqualTo(200);
        assertThat(got.body()).isEqualTo("{ \"x\" : 1 }");
        assertThat(got.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(got.headers().firstValue("ETag")).contains(etag("a/b"));
        assertThat(got.headers().firstValue("Last-Modified")).isPresent();
        assertThat(got.headers().firstValue("Vary")).contains("Accept, Accept-Encoding");
        assertThat(got.headers().firstValue("Date")).isPresent();
    }

    @Test
    void everyByteValueSurvivesPutAndGet() {
        byte[] all = new byte[256];
        for (int i = 0; i < 256; i++) {
            all[i] = (byte) i;
        }
        http.put("a/b", MediaType.OCTET_STREAM, all);

        assertThat(http.getBytes("/a/b").body()).isEqualTo(all);
    }

    @Test
    void bodyLargerThanOneWriteArrivesWhole() {
        byte[] large = new byte[700_000];
        java.util.Arrays.fill(large, (byte) 'x');
        String text = new String(large, StandardCharsets.US_ASCII);
        assertThat(http.send("PUT", "/a/b", text, "Content-Type", "text/plain").statusCode())
                .isEqualTo(201);

        assertThat(http.get("/a/b").body()).isEqualTo(text);
    }

    @Test
    void headHasTheLengthAndNoBody() {
        http.putJson("a/b", "[1,2]");

        var head = http.send("HEAD", "/a/b", "");

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("Content-Length")).contains("5");
        assertThat(head.body()).isEmpty();
    }

    @Test
    void absentRecordIsNotFoundAsProblem() {
        var got = http.get("/a/b%20c");

        assertProblem(got, 404, "not-found");
        assertThat(got.body()).contains("\"instance\":\"/a/b%20c\"", "there is no record 'a/b c'");
    }

    @Test
    void deleteRemovesOnce() {
        http.putJson("a/b", "1");

        assertThat(http.send("DELETE", "/a/b", "").statusCode()).isEqualTo(204);
        assertThat(http.host.record("a/b")).isEmpty();
        assertProblem(http.send("DELETE", "/a/b", ""), 404, "not-found");
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, '\"abc\"', If-Match has no entity tag of this server",
        "DELETE, '\"abc\", \"def\"', If-Match has no entity tag of this server",
        "GET, '\"abc\"', If-Match has no entity tag of this server",
        "PUT, 'W/\"1-1\"', If-Match has weak tags only",
    })
    void tagsThatNoRecordCanHaveAreNamed(String method, String tags, String detail) throws Exception {
        http.putJson("t/a", "1");

        HttpResponse<String> refused =
                http.send(method, "/t/a", "2", "If-Match", tags, "Content-Type", "application/json");

        assertProblem(refused, 412, "precondition-failed");
        assertThat(refused.body()).contains(detail).contains(tags.startsWith("W/") ? "1-1" : "abc");
        assertThat(http.text("t/a")).isEqualTo("1");
    }

    @Test
    void patchMerges() {
        http.putJson("a/b", "{\"x\":1,\"y\":2}");

        var patched =
                http.send("PATCH", "/a/b", "{\"y\":null,\"z\":3}", "Content-Type", "application/merge-patch+json");

        assertThat(patched.statusCode()).isEqualTo(204);
        assertThat(patched.headers().firstValue("ETag")).contains(etag("a/b"));
        assertThat(http.text("a/b")).isEqualTo("{\"x\":1,\"z\":3}");
    }

    @Test
    void patchOfAnUnknownKindIsRefusedWithWhatIsTaken() {
        http.putJson("a/b", "{}");

        var refused = http.send("PATCH", "/a/b", "x", "Content-Type", "text/plain");

        assertProblem(refused, 415, "unsupported");
        assertThat(refused.headers().firstValue("Accept-Patch")).isPresent();
    }

    @Test
    void patchOfAnOpaqueRecordIsAConflict() {
        http.put("a/b", MediaType.TEXT, new byte[] {'x'});

        assertProblem(http.send("PATCH", "/a/b", "{}", "Content-Type", "application/json"), 409, "conflict");
    }

    @Test
    void postToACollectionMakesAnId() {
        var made = http.send("POST", "/events/", "{\"n\":1}");

        assertThat(made.statusCode()).isEqualTo(201);
        String location = made.headers().firstValue("Location").orElseThrow();
        assertThat(location).startsWith("/events/");
        assertThat(http.get(location).body()).isEqualTo("{\"n\":1}");
        assertThat(made.headers().firstValue("ETag")).isPresent();
    }

    @Test
    void postToARecordReachesSubscribersOnly() {
        List<String> seen = new ArrayList<>();
        http.host
                .resources()
                .subscribe(SubscribeRequest.every(TopicFilter.ALL, Start.NOW), new Subscriber() {
                    @Override
                    public void onChange(Change change, Reason reason) {
                        seen.add(change + " " + change.content().orElseThrow());
                    }

                    @Override
                    public void onClosed(ResourceException reason) {}
                })
                .request(10);

        assertThat(http.send("POST", "/alarms/door", "open").statusCode()).isEqualTo(204);

        assertThat(seen).hasSize(1).first().asString().startsWith("EVENT alarms/door");
        assertThat(http.host.records()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "'', '{\"a\":1}', application/json",
        "'', 'hello', application/octet-stream",
        "application/x-www-form-urlencoded, '{\"a\":1}', application/json",
        "application/x-www-form-urlencoded, 'a=1', application/octet-stream",
        "text/plain; charset=UTF-8, 'x', text/plain",
        "text/json, '1', application/json",
        "image/svg+xml, '<svg/>', image/svg+xml",
    })
    void undeclaredBodiesAreRecognised(String declared, String body, String stored) {
        if (declared.isEmpty()) {
            http.send("PUT", "/a/b", body);
        } else {
            http.send("PUT", "/a/b", body, "Content-Type", declared);
        }
        assertThat(http.host.record("a/b").orElseThrow().content().mediaType()).hasToString(stored);
    }

    @ParameterizedTest
    @CsvSource({
        "Content-Type, application/json, 400, invalid",
        "Content-Type, text/plain; charset=iso-8859-1, 415, unsupported",
        "Content-Type, multipart/form-data; boundary=x, 415, unsupported",
        "Content-Type, nonsense, 400, invalid",
        "Content-Encoding, br, 415, unsupported",
        "Content-Range, bytes 0-1/2, 400, invalid",
    })
    void bodyThatCannotBeTakenIsRefused(String header, String value, int status, String code) {
        assertProblem(http.send("PUT", "/a/b", "{\"x\":", header, value), status, code);
        assertThat(http.host.record("a/b")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "PATCH, /t/, 405, 'GET, HEAD, QUERY, PUT, POST, DELETE, OPTIONS'",
        "QUERY, /t/x, 405, 'GET, HEAD, PUT, PATCH, DELETE, POST, OPTIONS'",
        "PUT, /, 405, 'GET, HEAD, OPTIONS'",
        "GET, /$transactions, 405, 'POST, OPTIONS'",
        "PUT, /$transactions, 405, 'POST, OPTIONS'",
        "BREW, /t/id, 501, ",
        "get, /t/id, 501, ",
        "TRACE, /t/id, 501, ",
    })
    void methodsThatDoNotApplyAreRefused(String method, String path, int status, String allow) {
        var refused = http.peer();
        refused.send(method + " " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
        String answer = refused.readUntil("}\n");
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("application/problem+json");
        if (allow != null) {
            assertThat(answer).contains("\r\nAllow: " + allow + "\r\n");
        }
        refused.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/t/id, 'GET, HEAD, PUT, PATCH, DELETE, POST, OPTIONS'",
        "/t/, 'GET, HEAD, QUERY, PUT, POST, DELETE, OPTIONS'",
        "/, 'GET, HEAD, OPTIONS'",
        "/$transactions, 'POST, OPTIONS'",
    })
    void optionsTellWhatApplies(String path, String allow) {
        var told = http.send("OPTIONS", path, "");

        assertThat(told.statusCode()).isEqualTo(204);
        assertThat(told.headers().firstValue("Allow")).contains(allow);
    }

    @Test
    void optionsOfTheServerNameAllMethods() {
        try (RawPeer peer = http.peer()) {
            peer.send("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(peer.readUntil("\r\n\r\n"))
                    .contains("\r\nAllow: GET, HEAD, PUT, PATCH, DELETE, POST, OPTIONS, QUERY\r\n");
        }
    }

    @Test
    void twoTypesOfOneBodyAreRefused() {
        assertProblem(
                http.send("PUT", "/a/b", "1", "Content-Type", "application/json", "Content-Type", "text/plain"),
                400,
                "invalid");
        assertProblem(
                http.send("PUT", "/a/b", "1", "Content-Encoding", "gzip", "Content-Encoding", "gzip"),
                415,
                "unsupported");
        assertThat(http.host.record("a/b")).isEmpty();
    }

    @Test
    void metricsSayWhichFormatTheyAreIn() {
        http.put("$sys/metrics", MediaType.TEXT, "millrace_x 1\n".getBytes(StandardCharsets.US_ASCII));

        for (String path : List.of("/metrics", "/$sys/metrics")) {
            var got = http.get(
                    path, "Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5");
            assertThat(got.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
            assertThat(got.body()).isEqualTo("millrace_x 1\n");
        }
    }

    @Test
    void indexNamesTheHost() {
        assertThat(http.get("/").body()).contains("\"name\":\"Millrace\"", "/$sys/health");
    }

    @Test
    void systemRecordsAreReadLikeAnyOther() {
        http.putJson("$sys/health", "{\"status\":\"up\"}");

        assertThat(http.get("/$sys/health").body()).isEqualTo("{\"status\":\"up\"}");
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void everyErrorCodeHasItsStatusAndType(ErrorCode code) {
        http.host.faults().refuseWrites(Optional.of(new ResourceException(code, "told by the test")));

        var refused = http.send("PUT", "/a/b", "1");

        assertProblem(refused, expectedStatus(code), code.id());
        assertThat(refused.body()).contains("\"detail\":\"told by the test");
        assertThat(refused.headers().firstValue("Retry-After").isPresent())
                .isEqualTo(code == ErrorCode.BUSY || code == ErrorCode.UNAVAILABLE);
    }

    private static int expectedStatus(ErrorCode code) {
        return switch (code) {
            case INVALID -> 400;
            // Anonymous clients are asked for credentials.
            case UNAUTHENTICATED, FORBIDDEN -> 401;
            case NOT_FOUND -> 404;
            case CONFLICT -> 409;
            case EXPIRED_CURSOR -> 410;
            case PRECONDITION_FAILED -> 412;
            case TOO_LARGE -> 413;
            case UNSUPPORTED -> 415;
            case INTERNAL -> 500;
            case BUSY, UNAVAILABLE -> 503;
            case QUOTA_EXCEEDED -> 507;
        };
    }

    private String etag(String path) {
        return '"' + http.host.record(path).orElseThrow().version().toString() + '"';
    }

    private static void assertProblem(HttpResponse<String> answer, int status, String code) {
        String expected = code.equals("forbidden") ? "unauthenticated" : code;
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(answer.body())
                .contains("\"type\":\"urn:millrace:problem:" + expected + "\"", "\"status\":" + status);
    }
}
