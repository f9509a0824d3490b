package org.millrace.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.millrace.plugin.http.Http2Peer.DATA;
import static org.millrace.plugin.http.Http2Peer.END_STREAM;
import static org.millrace.plugin.http.Http2Peer.GOAWAY;
import static org.millrace.plugin.http.Http2Peer.HEADERS;
import static org.millrace.plugin.http.Http2Peer.RST_STREAM;
import static org.millrace.plugin.http.Http2Peer.WINDOW_UPDATE;
import static org.millrace.plugin.http.Http2Peer.request;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.transport.HttpRoute;
import org.millrace.spi.transport.TransportExtensions;

class Http2Test {
    private HttpHost http = HttpHost.create();

    @AfterEach
    void close() {
        http.close();
    }

    private void configure(Map<String, String> settings) {
        http.close();
        http = new HttpHost(settings);
    }

    private Http2Peer peer(int... settings) {
        return new Http2Peer(http.peer()).begin(settings);
    }

    @Test
    void javasClientAsksForHttp2AndGoesOnWithIt() throws Exception {
        http.putJson("a/b", "1");
        URI uri = URI.create("http://127.0.0.1:" + http.host.address("http").getPort() + "/a/b");
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .connectTimeout(Duration.ofSeconds(10))
                .build()) {
            HttpResponse<String> first = client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
            assertThat(first.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(first.body()).isEqualTo("1");
            HttpResponse<String> put = client.send(
                    HttpRequest.newBuilder(uri)
                            .PUT(HttpRequest.BodyPublishers.ofString("2"))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(put.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(put.statusCode()).isEqualTo(204);
            assertThat(put.headers().firstValue("etag")).isPresent();
            var many = IntStream.range(0, 90)
                    .mapToObj(i -> client.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()))
                    .toList();
            assertThat(many).allSatisfy(f -> assertThat(f.join().body()).isEqualTo("2"));
        }
    }

    @Test
    void clientThatKnowsNeedsNotAsk() {
        try (Http2Peer peer = peer()) {
            assertThat(peer.put(1, "/a/b", "{\"x\":1}").reply().status()).isEqualTo("201");
            var read = peer.get(3, "/a/b").reply();
            assertThat(read.status()).isEqualTo("200");
            assertThat(read.body()).isEqualTo("{\"x\":1}");
            assertThat(read.headers().get("content-type")).hasToString("application/json");
            assertThat(read.headers().get("content-length")).hasToString("7");
            assertThat(read.headers().get("vary")).hasToString("Accept, Accept-Encoding");
        }
    }

    @Test
    void prefaceMayComeByteByByte() {
        http.putJson("a/b", "1");
        try (Http2Peer peer = new Http2Peer(http.peer())) {
            for (byte b : Http2Peer.PREFACE) {
                peer.raw.send(new byte[] {b});
            }
            peer.send(Http2Peer.SETTINGS, 0, 0);
            assertThat(peer.get(1, "/a/b").reply().body()).isEqualTo("1");
        }
    }

    @Test
    void requestsAreUnderWayTogetherAndAnsweredAsTheyAreDone() {
        http.putJson("a/b", "1");
        http.host.faults().holdAcknowledgements();
        try (Http2Peer peer = peer()) {
            peer.put(1, "/x/y", "1");
            await().until(() -> http.host.faults().heldAcknowledgements() == 1);
            assertThat(peer.get(3, "/a/b").next(HEADERS).stream()).isEqualTo(3);
            http.host.faults().releaseAcknowledgements();
            assertThat(peer.next(HEADERS).stream()).isEqualTo(1);
        }
    }

    @Test
    void refusalIsAProblem() {
        try (Http2Peer peer = peer()) {
            var refused = peer.get(1, "/a/none").reply();
            assertThat(refused.status()).isEqualTo("404");
            assertThat(refused.headers().get("content-type")).hasToString("application/problem+json");
            assertThat(refused.body()).contains("urn:millrace:problem:not-found");
        }
    }

    @Test
    void headHasTheLengthAndNoBody() {
        http.putJson("a/b", "12345");
        try (Http2Peer peer = peer()) {
            var head = peer.headers(1, END_STREAM, request("HEAD", "/a/b")).reply();
            assertThat(head.headers().get("content-length")).hasToString("5");
            assertThat(head.body()).isEmpty();
        }
    }

    @Test
    void answerWaitsForTheClientsWindow() {
        http.putJson("a/b", '"' + "x".repeat(1000) + '"');
        try (Http2Peer peer = peer(4, 10)) {
            peer.get(1, "/a/b");
            assertThat(peer.next(DATA).payload()).hasSize(10);
            peer.raw.expectSilence(Duration.ofMillis(100));
            peer.send(WINDOW_UPDATE, 0, 1, (byte) 0, (byte) 0, (byte) 16, (byte) 0);
            assertThat(peer.next(DATA).payload()).hasSize(992);
        }
    }

    @Test
    void clientThatTakesNothingOfItsAnswerIsResetAndOthersGoOn() {
        configure(Map.of("send-timeout", "300ms"));
        http.putJson("a/b", '"' + "x".repeat(1000) + '"');
        try (Http2Peer peer = peer(4, 0)) {
            peer.get(1, "/a/b");
            var reset = peer.next(RST_STREAM);
            assertThat(reset.stream()).isEqualTo(1);
            assertThat(peer.headers(3, END_STREAM, request("HEAD", "/a/b"))
                            .reply()
                            .status())
                    .isEqualTo("200");
        }
    }

    @Test
    void unreadAnswersHoldFurtherRequestsBack() {
        configure(Map.of("max-unsent", "64KiB"));
        http.putJson("a/b", '"' + "x".repeat(100_000) + '"');
        try (Http2Peer peer = peer(4, 0)) {
            peer.get(1, "/a/b").get(3, "/a/b").get(5, "/a/b");
            assertThat(peer.next(HEADERS).stream()).isEqualTo(1);
            peer.raw.expectSilence(Duration.ofMillis(100));
        }
    }

    @Test
    void bodyBeyondTheLimitIsRefusedAndNotWaitedFor() {
        http.close();
        http = new HttpHost(org.millrace.testkit.InMemoryHost.Options.DEFAULT.withMaxContentSize(1000), Map.of());
        try (Http2Peer peer = peer()) {
            peer.headers(1, 0, request("PUT", "/a/b", "content-length", "2000"));
            assertThat(peer.reply().status()).isEqualTo("413");
            assertThat(peer.next(RST_STREAM).error()).isZero();
            peer.headers(3, 0, request("PUT", "/a/b")).send(DATA, 0, 3, new byte[1001]);
            assertThat(peer.reply().status()).isEqualTo("413");
            assertThat(peer.put(5, "/a/b", "1").reply().status()).isEqualTo("201");
        }
    }

    @Test
    void bodyThatDoesNotComeInTimeIsRefused() {
        configure(Map.of("body-timeout", "200ms"));
        try (Http2Peer peer = peer()) {
            peer.headers(1, 0, request("PUT", "/a/b")).send(DATA, 0, 1, (byte) '1');
            assertThat(peer.reply().status()).isEqualTo("408");
        }
    }

    @Test
    void leaveToSendTheBodyIsGivenWhereAsked() {
        try (Http2Peer peer = peer()) {
            peer.headers(1, 0, request("PUT", "/a/b", "expect", "100-continue"));
            assertThat(peer.decode(peer.next(HEADERS)).status()).hasToString("100");
            peer.send(DATA, END_STREAM, 1, (byte) '1');
            assertThat(peer.reply().status()).isEqualTo("201");
        }
    }

    @Test
    void largeBodiesAllArriveThroughFlowControl() {
        http.close();
        http = new HttpHost(org.millrace.testkit.InMemoryHost.Options.DEFAULT.withMaxContentSize(4 << 20), Map.of());
        URI base = URI.create("http://127.0.0.1:" + http.host.address("http").getPort() + "/");
        http.putJson("a/b", "1");
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            client.sendAsync(HttpRequest.newBuilder(base.resolve("/a/b")).build(), BodyHandlers.ofString())
                    .join();
            String body = '"' + "y".repeat(3_000_000) + '"';
            var all = IntStream.range(0, 12)
                    .mapToObj(i -> client.sendAsync(
                            HttpRequest.newBuilder(base.resolve("/big/" + i))
                                    .PUT(HttpRequest.BodyPublishers.ofString(body))
                                    .build(),
                            BodyHandlers.ofString()))
                    .toList();
            assertThat(all).allSatisfy(f -> {
                assertThat(f.get(60, java.util.concurrent.TimeUnit.SECONDS).statusCode())
                        .isEqualTo(201);
                assertThat(f.join().version()).isEqualTo(HttpClient.Version.HTTP_2);
            });
            assertThat(http.text("big/11")).hasSize(3_000_002);
        }
    }

    @Test
    void requestsActEachUnderTheirOwnCredentials() {
        http.host.addUser("ann", new Identity("ann", Set.of()));
        http.host.addUser("bob", new Identity("bob", Set.of()));
        http.putJson("ann/1", "1");
        http.putJson("bob/1", "2");
        http.host.faults().guard((who, grant, target) -> target.startsWith(who.name() + "/"));
        try (Http2Peer peer = peer()) {
            assertThat(peer.get(1, "/ann/1", "authorization", "Bearer ann")
                            .reply()
                            .status())
                    .isEqualTo("200");
            assertThat(peer.get(3, "/ann/1", "authorization", "Bearer bob")
                            .reply()
                            .status())
                    .isEqualTo("403");
            assertThat(peer.get(5, "/bob/1", "authorization", "Bearer bob")
                            .reply()
                            .body())
                    .isEqualTo("2");
            assertThat(peer.get(7, "/ann/1", "authorization", "Bearer eve")
                            .reply()
                            .status())
                    .isEqualTo("401");
            assertThat(peer.get(9, "/ann/1", "authorization", "Bearer ann")
                            .reply()
                            .status())
                    .isEqualTo("200");
        }
    }

    @Test
    void routeStreamsOverHttp2AndLearnsThatItsReaderHasLeft() {
        AtomicBoolean closed = new AtomicBoolean();
        http.host.context("other", Map.of()).extensions().offer(TransportExtensions.HTTP_ROUTE, new HttpRoute() {
            @Override
            public boolean accepts(org.millrace.spi.transport.HttpRequest request) {
                return request.header("accept").orElse("").equals("text/event-stream");
            }

            @Override
            public void handle(org.millrace.spi.transport.HttpRequest request, Exchange exchange) {
                exchange.onClose(() -> closed.set(true));
                exchange.start(200, "Content-Type", "text/event-stream", "Connection", "keep-alive");
                exchange.write("data: 1\n\n".getBytes(StandardCharsets.UTF_8));
                exchange.flush();
            }
        });
        try (Http2Peer peer = peer()) {
            peer.get(1, "/a/b", "accept", "text/event-stream");
            assertThat(peer.decode(peer.next(HEADERS)).contains("connection")).isFalse();
            assertThat(new String(peer.next(DATA).payload(), StandardCharsets.UTF_8))
                    .isEqualTo("data: 1\n\n");
            peer.send(RST_STREAM, 0, 1, (byte) 0, (byte) 0, (byte) 0, (byte) 8);
            await().untilTrue(closed);
        }
    }

    @Test
    void connectionAtRestIsClosedWithAWord() {
        configure(Map.of("idle-timeout", "200ms"));
        try (Http2Peer peer = peer()) {
            assertThat(peer.next(GOAWAY).error()).isZero();
            peer.raw.expectClosed();
        }
    }

    @Test
    void stopAnswersWhatIsUnderWay() throws Exception {
        http.host.faults().holdAcknowledgements();
        try (Http2Peer peer = peer()) {
            peer.put(1, "/a/b", "1");
            await().until(() -> http.host.faults().heldAcknowledgements() == 1);
            CompletableFuture<Void> stopping = CompletableFuture.runAsync(() -> {
                try {
                    http.host.stop("http");
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(peer.next(GOAWAY).error()).isZero();
            assertThat(stopping).isNotDone();
            http.host.faults().releaseAcknowledgements();
            assertThat(peer.reply().status()).isEqualTo("201");
            assertThat(stopping).succeedsWithin(Duration.ofSeconds(10));
        }
    }
}
