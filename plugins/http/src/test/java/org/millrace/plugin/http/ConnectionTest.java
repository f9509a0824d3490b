package org.millrace.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.testkit.InMemoryHost;
import org.millrace.testkit.RawPeer;

class ConnectionTest {
    private static final String NO_CONTENT = "HTTP/1.1 204 No Content\r\n";

    private HttpHost http = HttpHost.create();

    @AfterEach
    void close() {
        http.close();
    }

    private void configure(Map<String, String> settings) {
        http.close();
        http = new HttpHost(settings);
    }

    private static String put(String path, String body, String... fields) {
        return "PUT " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length() + "\r\n"
                + String.join("\r\n", fields) + (fields.length == 0 ? "" : "\r\n") + "\r\n" + body;
    }

    private static String get(String path, String... fields) {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + String.join("\r\n", fields)
                + (fields.length == 0 ? "" : "\r\n") + "\r\n";
    }

    @Test
    void answersComeInTheOrderOfTheRequests() {
        try (RawPeer peer = http.peer()) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 500; i++) {
                requests.append(put("/a/b", Integer.toString(i))).append(get("/a/b"));
            }
            peer.send(requests.toString());
            for (int i = 0; i < 500; i++) {
                assertThat(peer.readUntil("\r\n\r\n")).contains(i == 0 ? " 201 Created" : " 204 No Content");
                String text = Integer.toString(i);
                assertThat(peer.readUntil("\r\n\r\n" + text)).startsWith("HTTP/1.1 200 OK");
            }
        }
    }

    @Test
    void putIsAnsweredOnlyWhenDurable() {
        http.host.faults().holdAcknowledgements();
        try (RawPeer peer = http.peer()) {
            peer.send(put("/a/b", "1"));
            await().until(() -> http.host.faults().heldAcknowledgements() == 1);
            peer.expectSilence(Duration.ofMillis(50));
            http.host.faults().releaseAcknowledgements();
            assertThat(peer.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 201 Created\r\n");
        }
    }

    @Test
    void aClientThatDoesNotReadHasNoMoreReadForItThanItTakes() {
        int size = 900_000;
        int reads = 40;
        try (RawPeer peer = http.peer();
                RawPeer writer = http.peer()) {
            writer.send(put("/a/b", "1".repeat(size)));
            writer.readUntil("\r\n\r\n");
            peer.send("GET /a/b HTTP/1.1\r\nHost: t\r\n\r\n".repeat(reads));
            assertThat(peer.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200 OK");

            writer.send(put("/a/b", "2".repeat(size)));
            writer.readUntil("\r\n\r\n");

            assertThat(peer.read(size)).containsOnly('1');
            byte last = '1';
            for (int i = 1; i < reads; i++) {
                peer.readUntil("\r\n\r\n");
                last = peer.read(size)[0];
            }
            assertThat(last).isEqualTo((byte) '2');
        }
    }

    @Test
    void pipelinedWritesAreUnderWayTogetherUpToTheLimit() {
        configure(Map.of("max-pipelined", "3"));
        http.putJson("a/b", "0");
        http.host.faults().holdAcknowledgements();
        try (RawPeer peer = http.peer()) {
            peer.send(put("/a/b", "1").repeat(10));
            await().until(() -> http.host.faults().heldAcknowledgements() == 3);
            peer.expectSilence(Duration.ofMillis(50));
            assertThat(http.host.faults().heldAcknowledgements()).isEqualTo(3);

            http.host.faults().releaseAcknowledgements();
            for (int i = 0; i < 10; i++) {
                assertThat(peer.readUntil("\r\n\r\n")).startsWith(NO_CONTENT);
            }
        }
    }

    @Test
    void readWaitsForTheWritesBeforeIt() {
        http.putJson("a/b", "0");
        http.host.faults().holdAcknowledgements();
        try (RawPeer peer = http.peer()) {
            peer.send(put("/a/b", "1") + get("/a/b"));
            await().until(() -> http.host.faults().heldAcknowledgements() == 1);
            http.host.faults().releaseAcknowledgements();
            assertThat(peer.readUntil("\r\n\r\n1")).startsWith(NO_CONTENT).contains("HTTP/1.1 200 OK");
        }
    }

    @Test
    void nothingIsReadWhileTheHostIsSaturated() {
        http.putJson("a/b", "0");
        try (RawPeer peer = http.peer()) {
            peer.send(get("/a/b"));
            peer.readUntil("\r\n\r\n0");
            http.host.faults().saturate(true);
            // One request may have been asked for before; the next must wait.
            peer.send(put("/a/b", "1") + put("/a/b", "2"));
            peer.expectSilence(Duration.ofMillis(100));
            assertThat(http.text("a/b")).isEqualTo("0");

            http.host.faults().saturate(false);
            assertThat(peer.readUntil("\r\n\r\n")).startsWith(NO_CONTENT);
            assertThat(peer.readUntil("\r\n\r\n")).startsWith(NO_CONTENT);
            assertThat(http.text("a/b")).isEqualTo("2");
        }
    }

    @Test
    void requestMayComeByteByByte() {
        try (RawPeer peer = http.peer()) {
            for (char c :
                    put("/a/b", "{\"x\":1}", "Content-Type: application/json").toCharArray()) {
                peer.send(Character.toString(c));
            }
            assertThat(peer.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 201 Created\r\n");
        }
        assertThat(http.text("a/b")).isEqualTo("{\"x\":1}");
    }

    @Test
    void chunkedBodyIsPutTogether() {
        try (RawPeer peer = http.peer()) {
            peer.send("PUT /a/b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3;ext=1\r\n{\"x\r\n4\r\n\":1}\r\n0\r\nTrailer: y\r\n\r\n");
            assertThat(peer.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 201 Created\r\n");
        }
        assertThat(http.text("a/b")).isEqualTo("{\"x\":1}");
    }

    @Test
    void clientThatExpectsLeaveToSendGetsIt() {
        try (RawPeer peer = http.peer()) {
            peer.send("PUT /a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
            peer.expect("HTTP/1.1 100 Continue\r\n\r\n");
            peer.send("1");
            assertThat(peer.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 201 Created\r\n");
        }
    }

    @Test
    void clientThatExpectsLeaveIsRefusedBeforeItSends() {
        try (RawPeer peer = http.peer()) {
            peer.send("PATCH /t/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
            assertThat(peer.readAll()).startsWith("HTTP/1.1 405 ").contains("Connection: close");
        }
    }

    @Test
    void clientThatHasSaidAllStillGetsItsAnswers() {
        http.putJson("a/b", "1");
        try (RawPeer peer = http.peer()) {
            peer.send(get("/a/b").repeat(200)).halfClose();
            assertThat(peer.readAll().split("HTTP/1.1 200 OK", -1)).hasSize(201);
        }
    }

    @Test
    void connectionEndsWhenAsked() {
        http.putJson("a/b", "1");
        try (RawPeer peer = http.peer()) {
            peer.send(get("/a/b", "Connection: close") + get("/a/b"));
            String all = peer.readAll();
            assertThat(all).contains("\r\nConnection: close\r\n").endsWith("\r\n\r\n1");
            assertThat(all.split("HTTP/1.1 ", -1)).hasSize(2);
        }
    }

    @Test
    void http10EndsUnlessKeptAlive() {
        http.putJson("a/b", "1");
        try (RawPeer peer = http.peer()) {
            peer.send("GET /a/b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            assertThat(peer.readUntil("\r\n\r\n1")).contains("\r\nConnection: keep-alive\r\n");
            peer.send("GET /a/b HTTP/1.0\r\n\r\n");
            assertThat(peer.readAll()).contains("\r\nConnection: close\r\n");
        }
    }

    @Test
    void headThatDoesNotComeInTimeIsRefused() {
        configure(Map.of("header-timeout", "200ms"));
        try (RawPeer peer = http.peer()) {
            peer.send("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
            assertThat(peer.readAll()).startsWith("HTTP/1.1 408 Request Timeout\r\n");
        }
    }

    @Test
    void bodyThatDoesNotComeInTimeIsRefused() {
        configure(Map.of("body-timeout", "200ms"));
        try (RawPeer peer = http.peer()) {
            peer.send("PUT /a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123");
            assertThat(peer.readAll()).startsWith("HTTP/1.1 408 Request Timeout\r\n");
        }
        assertThat(http.host.record("a/b")).isEmpty();
    }

    @Test
    void connectionAtRestIsClosedWithoutAWord() {
        configure(Map.of("idle-timeout", "200ms"));
        http.putJson("a/b", "1");
        try (RawPeer fresh = http.peer();
                RawPeer used = http.peer()) {
            used.send(get("/a/b")).readUntil("\r\n\r\n1");
            fresh.expectClosed();
            used.expectClosed();
        }
    }

    @Test
    void clientThatDoesNotReadIsCutOffAndHoldsBoundedMemory() {
        http.close();
        http = new HttpHost(InMemoryHost.Options.DEFAULT, Map.of("send-timeout", "300ms"));
        http.putJson("a/b", '"' + "x".repeat(500_000) + '"');
        try (RawPeer peer = RawPeer.connect(http.host.address("http"), 4096)) {
            peer.send(get("/a/b").repeat(60));
            await().atMost(Duration.ofSeconds(20)).until(() -> http.host.connections("http") == 0);
        }
    }

    @Test
    void stopAnswersWhatIsUnderWayAndClosesTheRest() throws Exception {
        http.host.faults().holdAcknowledgements();
        try (RawPeer idle = http.peer();
                RawPeer busy = http.peer()) {
            busy.send(put("/a/b", "1"));
            await().until(() -> http.host.faults().heldAcknowledgements() == 1);
            await().until(() -> http.host.metric("http", "connections") == 2);
            CompletableFuture<Void> stopping = CompletableFuture.runAsync(() -> {
                try {
                    http.host.stop("http");
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            idle.expectClosed();
            assertThat(stopping).isNotDone();
            http.host.faults().releaseAcknowledgements();
            assertThat(busy.readAll()).startsWith("HTTP/1.1 201 Created\r\n").contains("Connection: close");
            assertThat(stopping).succeedsWithin(Duration.ofSeconds(10));
        }
    }

    @Test
    void credentialsDecideAndAreAskedFor() {
        http.host.allowAnonymous(false);
        http.host.addUser("ann:se:cret", new Identity("ann", Set.of()));
        http.host.addUser("token", new Identity("robot", Set.of()));
        http.putJson("x/y", "1");
        http.host.faults().guard((who, grant, target) -> who.name().equals("ann") || grant.equals("read"));
        String basic = "Basic " + Base64.getEncoder().encodeToString("ann:se:cret".getBytes());

        var refused = http.get("/x/y");
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().allValues("WWW-Authenticate"))
                .containsExactly("Basic realm=\"millrace\", charset=\"UTF-8\"", "Bearer realm=\"millrace\"");
        assertThat(http.get("/x/y", "Authorization", "Basic eDp5").statusCode()).isEqualTo(401);
        assertThat(http.get("/x/y", "Authorization", "Bearer none").headers().allValues("WWW-Authenticate"))
                .contains("Bearer realm=\"millrace\", error=\"invalid_token\"");
        assertThat(http.get("/x/y", "Authorization", "Digest x").statusCode()).isEqualTo(401);
        assertThat(http.get("/x/y", "Authorization", "Basic !!!").statusCode()).isEqualTo(401);
        assertThat(http.get("/x/y", "Authorization", "Bearer token").statusCode())
                .isEqualTo(200);
        assertThat(http.send("PUT", "/x/y", "2", "Authorization", "Bearer token")
                        .statusCode())
                .isEqualTo(403);
        assertThat(http.send("PUT", "/x/y", "2", "Authorization", basic).statusCode())
                .isEqualTo(204);
    }

    @Test
    void pipelinedRequestsActEachUnderTheirOwnCredentials() {
        http.host.addUser("ann", new Identity("ann", Set.of()));
        http.host.addUser("bob", new Identity("bob", Set.of()));
        http.host.faults().guard((who, grant, target) -> target.startsWith(who.name() + "/"));
        http.host.faults().holdAcknowledgements();
        try (RawPeer peer = http.peer()) {
            String ann = "Authorization: Bearer ann";
            String bob = "Authorization: Bearer bob";
            peer.send(put("/ann/1", "1", ann)
                    + put("/bob/1", "1", bob)
                    + put("/ann/2", "1", bob)
                    + put("/ann/2", "1", ann)
                    + get("/ann/2"));
            await().until(() -> http.host.faults().heldAcknowledgements() == 1);
            http.host.faults().releaseAcknowledgements();
            String all = peer.readUntil("\"instance\":\"/ann/2\"}\n") + peer.readUntil("\"instance\":\"/ann/2\"}\n");
            assertThat(all.lines().filter(l -> l.startsWith("HTTP/1.1")))
                    .containsExactly(
                            "HTTP/1.1 201 Created",
                            "HTTP/1.1 201 Created",
                            "HTTP/1.1 403 Forbidden",
                            "HTTP/1.1 201 Created",
                            "HTTP/1.1 401 Unauthorized");
        }
    }

    @Test
    void busyHostIsToldWithATimeToComeBack() {
        http.host.faults().refuseWrites(Optional.of(new ResourceException(ErrorCode.BUSY, "the write queue is full")));

        var refused = http.send("PUT", "/a/b", "1");

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).contains("1");
    }
}
