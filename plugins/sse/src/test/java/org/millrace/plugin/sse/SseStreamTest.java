package org.millrace.plugin.sse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.spi.transport.HttpRequest;
import org.millrace.spi.transport.HttpRoute;
import org.millrace.spi.transport.TransportExtensions;
import org.millrace.testkit.InMemoryHost;

class SseStreamTest {
    private final InMemoryHost host = InMemoryHost.create();
    private final List<HttpRoute> routes = new ArrayList<>();
    private final List<RecordingExchange> exchanges = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        host.start("sse", new SsePlugin(), Map.of("heartbeat", "100ms"));
        host.context("http", Map.of())
                .extensions()
                .consume(TransportExtensions.HTTP_ROUTE, new Extensions.Consumer<>() {
                    @Override
                    public void added(String pluginId, HttpRoute route) {
                        routes.add(route);
                    }

                    @Override
                    public void removed(String pluginId, HttpRoute route) {
                        routes.remove(route);
                    }
                });
    }

    @AfterEach
    void stop() throws Exception {
        host.close();
        exchanges.forEach(RecordingExchange::close);
    }

    private static HttpRequest request(String path, String query, String... headers) {
        return requestBy("GET", path, query, headers);
    }

    private static HttpRequest requestBy(String method, String path, String query, String... headers) {
        Map<String, List<String>> fields = new HashMap<>(Map.of("accept", List.of("text/event-stream")));
        for (int i = 0; i < headers.length; i += 2) {
            fields.put(headers[i], List.of(headers[i + 1]));
        }
        return new HttpRequest(
                method, path, query, fields, Identity.ANONYMOUS, new ConnectionInfo("http/1.1", "test", false, ""));
    }

    private RecordingExchange open(HttpRequest request) {
        RecordingExchange exchange = new RecordingExchange();
        exchanges.add(exchange);
        exchange.eventLoop().execute(() -> {
            try {
                routes.getFirst().handle(request, exchange);
            } catch (ResourceException e) {
                exchange.fail(e);
            }
        });
        return exchange;
    }

    private static void awaitSent(RecordingExchange exchange, String text) {
        await().untilAsserted(() -> assertThat(exchange.sent()).contains(text));
    }

    private void put(String path, MediaType type, String text) {
        host.resources()
                .put(
                        Path.of(path),
                        host.contents().of(type, text.getBytes(StandardCharsets.UTF_8)),
                        WriteOptions.DEFAULT)
                .toCompletableFuture()
                .join();
    }

    private void putJson(String path, String json) {
        put(path, MediaType.JSON, json);
    }

    /** The id of the last event that has one. */
    private static String lastId(RecordingExchange exchange) {
        String text = exchange.sent();
        int at = text.lastIndexOf("id: ") + 4;
        return text.substring(at, text.indexOf('\n', at));
    }

    @Test
    void presentStateHasNoIdsAndLiveChangesDo() {
        putJson("t/1", "{\"n\":\n1}");
        RecordingExchange stream = open(request("/t/1", ""));
        awaitSent(stream, "event: put\ndata: {\"n\": 1}\n\nevent: caught-up\nid: ");

        putJson("t/1", "2");
        awaitSent(stream, "data: 2\n\n");
        assertThat(stream.sent()).containsPattern("event: put\nid: [0-9a-f]+\\.[0-9]+\ndata: 2\n\n");
    }

    @Test
    void headIsToldWhatGetWouldBegin() {
        HttpRequest head = requestBy("HEAD", "/t/1", "");
        assertThat(routes.getFirst().mayAccept("HEAD", "text/event-stream")).isTrue();
        assertThat(routes.getFirst().accepts(head)).isTrue();
        RecordingExchange answer = open(head);

        await().until(answer::isEnded);
        assertThat(answer.sent()).startsWith("200 Content-Type text/event-stream ");
        putJson("t/1", "1");
        assertThat(answer.sent()).doesNotContain("event: put");
    }

    @Test
    void aTableNamesThePathOfEachRecord() {
        RecordingExchange stream = open(request("/t/", ""));
        putJson("t/a\"b", "1");

        awaitSent(stream, "data: {\"path\":\"t/a\\\"b\",\"etag\":\"");
        awaitSent(stream, "\"value\":1}\n\n");
    }

    @Test
    void opaqueContentIsBase64() {
        put("t/1", MediaType.TEXT, "a\nb");
        RecordingExchange stream = open(request("/t/1", ""));

        awaitSent(stream, "data: {\"type\":\"text/plain\",\"base64\":\"YQpi\"}\n\n");
    }

    @Test
    void aDeletedRecordIsNull() {
        putJson("t/1", "1");
        RecordingExchange stream = open(request("/t/1", "start=now"));
        awaitSent(stream, "retry: 2000\nid: ");
        host.resources().delete(Path.of("t/1"), WriteOptions.DEFAULT);

        awaitSent(stream, "data: null\n\n");
        assertThat(stream.sent()).contains("event: delete\n").doesNotContain("caught-up");
    }

    @Test
    void severalFiltersAreOneStream() {
        RecordingExchange stream = open(request("/", "subscribe=a/%23&subscribe=b"));
        putJson("c", "3");
        putJson("a/x", "1");
        putJson("b", "2");

        awaitSent(stream, "\"path\":\"b\"");
        assertThat(stream.sent()).contains("\"path\":\"a/x\"").doesNotContain("\"path\":\"c\"");
    }

    @Test
    void resumesAfterTheLastEventWithoutLossOrRepetition() {
        RecordingExchange first = open(request("/t/1", ""));
        putJson("t/1", "1");
        awaitSent(first, "data: 1\n\n");
        String id = lastId(first);
        first.leave();
        putJson("t/1", "2");
        putJson("t/1", "3");

        RecordingExchange second = open(request("/t/1", "lastEventId=0.0", "last-event-id", id));
        awaitSent(second, "data: 3\n\n");
        assertThat(second.sent()).doesNotContain("data: 1\n").containsOnlyOnce("data: 2\n");
    }

    @Test
    void aLostPlaceIsAGapAndThenThePresentState() {
        putJson("t/1", "1");
        RecordingExchange stream = open(request("/t/1", "lastEventId=" + "abcdef.7"));

        awaitSent(stream, "event: gap\nid:\ndata: {\"reason\":\"");
        awaitSent(stream, "event: put\ndata: 1\n\n");
    }

    @Test
    void aTextThatIsNoCursorIsRefused() {
        RecordingExchange stream = open(request("/t/1", "lastEventId=rubbish"));

        await().untilAsserted(() -> assertThat(stream.failure())
                .hasValueSatisfying(
                        f -> assertThat(ResourceException.from(f).code()).isEqualTo(ErrorCode.INVALID)));
    }

    @Test
    void conditionsOnOneRecordAreRefused() {
        RecordingExchange stream = open(request("/t/1", "temp=gt=3"));

        await().untilAsserted(() -> assertThat(stream.failure())
                .hasValueSatisfying(f -> assertThat(f).hasMessageContaining("no conditions")));
    }

    @Test
    void aReaderThatStopsIsAskedForNoMoreThanAWindow() {
        RecordingExchange stream = open(request("/t/1", "start=now"));
        awaitSent(stream, "retry:");
        stream.writable(false);
        for (int i = 0; i < 2000; i++) {
            putJson("t/1", "" + i);
        }
        putJson("t/1", "\"last\"");
        assertThat(stream.sent().split("data:", -1)).hasSizeLessThan(1000);

        stream.writable(true);
        awaitSent(stream, "data: \"last\"\n");
        assertThat(stream.sent().split("data:", -1)).hasSize(2002);
    }

    @Test
    void silenceIsFilledWithComments() {
        RecordingExchange stream = open(request("/t/1", ""));

        awaitSent(stream, "\n\n:\nid: ");
    }

    @Test
    void stoppingThePluginEndsItsStreams() throws Exception {
        RecordingExchange stream = open(request("/t/1", ""));
        awaitSent(stream, "caught-up");
        host.stop("sse");

        await().until(stream::isEnded);
    }

    @Test
    void takesOnlyRequestsThatWantEventStreamsMost() {
        assertThat(routes.getFirst().accepts(request("/t/1", ""))).isTrue();
        assertThat(routes.getFirst().accepts(request("/t/1", "", "accept", "*/*")))
                .isFalse();
        assertThat(routes.getFirst()
                        .accepts(request("/t/1", "", "accept", "text/event-stream;q=0.5, application/json")))
                .isFalse();
    }
}
