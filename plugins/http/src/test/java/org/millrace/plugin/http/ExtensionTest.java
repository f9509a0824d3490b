package org.millrace.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.plugin.Registration;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.transport.HttpRequest;
import org.millrace.spi.transport.HttpRoute;
import org.millrace.spi.transport.HttpUpgrade;
import org.millrace.spi.transport.StreamProtocol;
import org.millrace.spi.transport.TransportExtensions;
import org.millrace.testkit.RawPeer;

class ExtensionTest {
    private final HttpHost http = HttpHost.create();
    private final Extensions extensions = http.host.context("other", Map.of()).extensions();

    @AfterEach
    void close() {
        http.close();
    }

    private Registration route(int priority, BiConsumer<HttpRequest, HttpRoute.Exchange> handler) {
        return extensions.offer(TransportExtensions.HTTP_ROUTE, new HttpRoute() {
            @Override
            public boolean accepts(HttpRequest request) {
                return request.header("accept").orElse("").equals("text/event-stream")
                        || request.path().equals("/special");
            }

            @Override
            public void handle(HttpRequest request, Exchange exchange) {
                handler.accept(request, exchange);
            }

            @Override
            public int priority() {
                return priority;
            }
        });
    }

    private static void answer(HttpRoute.Exchange exchange, String text) {
        exchange.start(200, "Content-Type", "text/plain");
        exchange.write(text.getBytes(StandardCharsets.UTF_8));
        exchange.end();
    }

    @Test
    void routeAnswersWhatItAcceptsAndNothingElse() {
        route(100, (request, exchange) -> answer(exchange, request.method() + " " + request.path() + request.query()));
        http.putJson("a/b", "1");

        assertThat(http.get("/a/b?x=1", "Accept", "text/event-stream").body()).isEqualTo("GET /a/bx=1");
        assertThat(http.get("/a/b").body()).isEqualTo("1");
    }

    @Test
    void lowerPriorityNumberComesFirstAndGoesWithItsPlugin() {
        route(100, (request, exchange) -> answer(exchange, "second"));
        Registration first = route(1, (request, exchange) -> answer(exchange, "first"));

        assertThat(http.get("/special").body()).isEqualTo("first");
        first.close();
        assertThat(http.get("/special").body()).isEqualTo("second");
    }

    @Test
    void routeReadsTheBodyItAsksFor() {
        route(100, (request, exchange) -> {
            var _ = exchange.body(10).whenComplete((body, failure) -> {
                if (failure != null) {
                    exchange.fail(failure);
                } else {
                    answer(exchange, "got " + new String(body, StandardCharsets.UTF_8));
                }
            });
        });

        assertThat(http.send("POST", "/special", "hello").body()).isEqualTo("got hello");
        assertThat(http.send("POST", "/special", "hello world").statusCode()).isEqualTo(413);
        assertThat(http.send("POST", "/special", "").body()).isEqualTo("got ");
    }

    @Test
    void routeThatFailsIsAProblem() {
        route(100, (request, exchange) -> exchange.fail(new ResourceException(ErrorCode.EXPIRED_CURSOR, "too old")));

        assertThat(http.get("/special").statusCode()).isEqualTo(410);
    }

    @Test
    void routeLearnsThatItsReaderHasLeft() {
        AtomicBoolean closed = new AtomicBoolean();
        route(100, (request, exchange) -> {
            exchange.onClose(() -> closed.set(true));
            exchange.start(200, "Content-Type", "text/event-stream");
            exchange.write("data: 1\n\n".getBytes(StandardCharsets.UTF_8));
            exchange.flush();
        });
        try (RawPeer peer = http.peer()) {
            peer.send("GET /special HTTP/1.1\r\nHost: x\r\n\r\n").readUntil("data: 1\n\n\r\n");
            assertThat(closed).isFalse();
        }
        await().untilTrue(closed);
    }

    @Test
    void upgradeTakesTheConnectionWithTheBytesBehindTheRequest() {
        extensions.offer(TransportExtensions.HTTP_UPGRADE, new HttpUpgrade() {
            @Override
            public String token() {
                return "echo";
            }

            @Override
            public void upgrade(HttpRequest request, Channel channel) {
                channel.writeAndFlush(Unpooled.copiedBuffer(
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\n", StandardCharsets.US_ASCII));
                channel.pipeline().addLast(new SimpleChannelInboundHandler<ByteBuf>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
                        context.writeAndFlush(bytes.retain());
                    }
                });
            }
        });
        http.putJson("a/b", "1");
        try (RawPeer peer = http.peer()) {
            peer.send("GET /a/b HTTP/1.1\r\nHost: x\r\n\r\n"
                    + "GET /a/b HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: tea, echo\r\n\r\n"
                    + "GET behind");
            peer.readUntil("\r\n\r\n1");
            peer.expect("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\nGET behind");
            peer.send("more").expect("more");
        }
    }

    /** Answers with who the client is said to be. */
    private record Greeting(boolean authenticates) implements HttpUpgrade {
        @Override
        public String token() {
            return "greeting";
        }

        @Override
        public void upgrade(HttpRequest request, Channel channel) {
            channel.writeAndFlush(Unpooled.copiedBuffer(
                    "HTTP/1.1 101 Switching Protocols\r\n\r\n'"
                            + request.identity().name() + "'",
                    StandardCharsets.US_ASCII));
        }
    }

    private String upgradeOfAStranger(HttpUpgrade upgrade, String field) {
        extensions.offer(TransportExtensions.HTTP_UPGRADE, upgrade);
        http.host.allowAnonymous(false);
        try (RawPeer peer = http.peer()) {
            peer.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: greeting\r\n" + field + "\r\n");
            return peer.readUntil("\r\n\r\n");
        }
    }

    @Test
    void anUpgradeThatAsksForCredentialsItselfIsGivenClientsWithoutAny() {
        assertThat(upgradeOfAStranger(new Greeting(true), "")).startsWith("HTTP/1.1 101 ");
    }

    @Test
    void anUpgradeThatDoesNotIsNotGivenClientsWithoutCredentials() {
        assertThat(upgradeOfAStranger(new Greeting(false), "")).startsWith("HTTP/1.1 401 ");
    }

    @Test
    void wrongCredentialsAreRefusedWhateverTheUpgrade() {
        assertThat(upgradeOfAStranger(new Greeting(true), "Authorization: Basic eDp5\r\n"))
                .startsWith("HTTP/1.1 401 ");
    }

    @Test
    void unknownUpgradeIsPassedOver() {
        http.putJson("a/b", "1");
        try (RawPeer peer = http.peer()) {
            peer.send("GET /a/b HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
            assertThat(peer.readUntil("\r\n\r\n1")).startsWith("HTTP/1.1 200 OK");
        }
    }

    private StreamProtocol offered() {
        StreamProtocol[] offered = new StreamProtocol[1];
        extensions.consume(TransportExtensions.STREAM_PROTOCOL, new Extensions.Consumer<>() {
            @Override
            public void added(String pluginId, StreamProtocol extension) {
                offered[0] = extension;
            }

            @Override
            public void removed(String pluginId, StreamProtocol extension) {}
        });
        return offered[0];
    }

    @Test
    void offersItselfAndKnowsItsFirstBytes() {
        StreamProtocol offered = offered();

        assertThat(offered.name()).isEqualTo("http");
        assertThat(offered.alpn()).containsExactly("h2", "http/1.1");
        assertThat(recognize(offered, "GET /")).isEqualTo(StreamProtocol.Recognition.YES);
        assertThat(recognize(offered, "P")).isEqualTo(StreamProtocol.Recognition.MORE);
        assertThat(recognize(offered, "\u0010\u0020")).isEqualTo(StreamProtocol.Recognition.NO);
    }

    private static StreamProtocol.Recognition recognize(StreamProtocol protocol, String head) {
        return protocol.recognize(Unpooled.copiedBuffer(head, StandardCharsets.ISO_8859_1));
    }

    @Test
    void whoComesWithoutTlsIsToldInTermsItUnderstands() {
        assertThat(refusal("GET / HTTP/1.1\r\n"))
                .startsWith("HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\n")
                .contains("\r\nConnection: close\r\n\r\n{\"type\":\"urn:millrace:problem:invalid\"", "https://");
        assertThat(refusal("HEAD / HTTP/1.1\r\n")).endsWith("\r\nConnection: close\r\n\r\n");
        assertThat(refusal("PRI * HTTP/2.0\r\n")).isEmpty();
    }

    private String refusal(String head) {
        return new String(
                offered().refuseWithoutTls(Unpooled.copiedBuffer(head, StandardCharsets.ISO_8859_1)),
                StandardCharsets.UTF_8);
    }
}
