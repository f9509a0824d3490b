package org.millrace.plugin.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.spi.transport.HttpRequest;
import org.millrace.spi.transport.HttpUpgrade;
import org.millrace.spi.transport.StreamProtocol;
import org.millrace.spi.transport.TransportExtensions;
import org.millrace.testkit.InMemoryHost;

class WebSocketUpgradeTest {
    private final InMemoryHost host = InMemoryHost.create();
    private final List<HttpUpgrade> upgrades = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel();

    @BeforeEach
    void start() throws Exception {
        host.start("websocket", new WebSocketPlugin(), Map.of("max-frame", "200", "max-message", "300"));
        host.context("http", Map.of())
                .extensions()
                .consume(TransportExtensions.HTTP_UPGRADE, new Extensions.Consumer<>() {
                    @Override
                    public void added(String pluginId, HttpUpgrade upgrade) {
                        upgrades.add(upgrade);
                    }

                    @Override
                    public void removed(String pluginId, HttpUpgrade upgrade) {
                        upgrades.remove(upgrade);
                    }
                });
    }

    @AfterEach
    void stop() throws Exception {
        channel.finishAndReleaseAll();
        host.close();
    }

    /** Opens with RFC 6455's own example key; headers are name, value, name, value ... */
    private String open(String path, String query, String... headers) {
        Map<String, List<String>> fields = new HashMap<>(Map.of(
                "host", List.of("example.org"),
                "sec-websocket-version", List.of("13"),
                "sec-websocket-key", List.of("dGhlIHNhbXBsZSBub25jZQ==")));
        for (int i = 0; i < headers.length; i += 2) {
            fields.put(headers[i], List.of(headers[i + 1]));
        }
        upgrades.getFirst()
                .upgrade(
                        new HttpRequest(
                                "GET",
                                path,
                                query,
                                fields,
                                Identity.ANONYMOUS,
                                new ConnectionInfo("http/1.1", "test", false, "")),
                        channel);
        return new String(sent(), StandardCharsets.ISO_8859_1);
    }

    private byte[] sent() {
        channel.runPendingTasks();
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        byte[] bytes = new byte[all.readableBytes()];
        all.readBytes(bytes);
        return bytes;
    }

    private String sentHex() {
        return HexFormat.of().formatHex(sent());
    }

    /** Sends a frame as a client does, under the mask of zeros. */
    private void frame(int firstByte, byte[] payload) {
        ByteBuf frame = Unpooled.buffer();
        frame.writeByte(firstByte);
        if (payload.length < 126) {
            frame.writeByte(0x80 | payload.length);
        } else {
            frame.writeByte(0x80 | 126).writeShort(payload.length);
        }
        frame.writeInt(0).writeBytes(payload);
        channel.writeInbound(frame);
        channel.runPendingTasks();
    }

    private void text(String text) {
        frame(0x81, text.getBytes(StandardCharsets.UTF_8));
    }

    private void putJson(String path, String json) {
        host.resources()
                .put(
                        Path.of(path),
                        host.contents().of(MediaType.JSON, json.getBytes(StandardCharsets.UTF_8)),
                        WriteOptions.DEFAULT)
                .toCompletableFuture()
                .join();
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theExampleOfTheRfcIsAnsweredAsItSays() {
        assertThat(open("/t/1", ""))
                .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                .contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
    }

    @Test
    void aRecordIsShownAndThenItsChanges() {
        putJson("t/1", "{}");
        assertThat(open("/t/1", "")).endsWith(new String(new char[] {0x81, 2, '{', '}'}));

        putJson("t/1", "12");
        assertThat(sentHex()).isEqualTo("8102" + hex("12"));
        host.resources().delete(Path.of("t/1"), WriteOptions.DEFAULT);
        assertThat(sentHex()).isEqualTo("8100");
    }

    @Test
    void aMessageIsAnEventUnlessPutIsAskedFor() {
        open("/t/1", "");
        text("1");

        assertThat(sentHex()).isEqualTo("8101" + hex("1"));
        assertThat(host.record("t/1")).isEmpty();
    }

    @Test
    void aMessageSetsTheRecordWhereAskedTo() {
        open("/t/1", "mode=put");
        text("not JSON");

        assertThat(host.record("t/1").orElseThrow().content().mediaType()).isEqualTo(MediaType.TEXT);
        assertThat(sentHex()).isEqualTo("8208" + hex("not JSON"));
    }

    @Test
    void fragmentsAreOneMessage() {
        open("/t/1", "mode=put");
        frame(0x01, new byte[] {'1'});
        frame(0x80, new byte[] {'2'});

        assertThat(host.record("t/1").orElseThrow().content().toByteArray()).containsExactly('1', '2');
    }

    @Test
    void aPingIsAnsweredWithItsBytes() {
        open("/t/1", "");
        frame(0x89, new byte[] {7});

        assertThat(sentHex()).isEqualTo("8a0107");
    }

    @Test
    void aCloseIsEchoedAndEndsTheConnection() {
        open("/t/1", "");
        frame(0x88, new byte[] {0x03, (byte) 0xe8});

        assertThat(sentHex()).isEqualTo("880203e8");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void anUnmaskedFrameIsAProtocolError() {
        open("/t/1", "");
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {(byte) 0x81, 1, 'x'}));

        assertThat(sentHex()).startsWith("88").contains("03ea");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void textThatIsNoUtf8Is1007() {
        open("/t/1", "");
        frame(0x81, new byte[] {(byte) 0xc3, 0x28});

        assertThat(sentHex()).startsWith("88").contains("03ef");
    }

    @Test
    void aFrameBeyondTheLimitIs1009() {
        open("/t/1", "");
        frame(0x82, new byte[201]);

        assertThat(sentHex()).startsWith("88").contains("03f1");
    }

    @Test
    void aMessageBeyondTheLimitIs1009() {
        open("/t/1", "");
        frame(0x02, new byte[200]);
        frame(0x80, new byte[200]);

        assertThat(sentHex()).startsWith("88").contains("03f1");
    }

    @Test
    void aPageOfAnotherOriginIsRefused() {
        assertThat(open("/t/1", "", "origin", "https://evil.example"))
                .startsWith("HTTP/1.1 403 ")
                .contains("\"type\":\"urn:millrace:problem:foreign-origin\"");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aPageOfTheSameHostIsLetIn() {
        assertThat(open("/t/1", "", "origin", "https://example.org")).startsWith("HTTP/1.1 101 ");
    }

    @Test
    void anotherVersionIsToldWhichIsSpoken() {
        assertThat(open("/t/1", "", "sec-websocket-version", "8"))
                .startsWith("HTTP/1.1 426 ")
                .contains("\r\nSec-WebSocket-Version: 13\r\n");
    }

    @Test
    void aUrlThatNamesNoRecordIsRefused() {
        assertThat(open("/t/", ""))
                .startsWith("HTTP/1.1 400 ")
                .contains("\"type\":\"urn:millrace:problem:invalid\"", "subprotocol");
    }

    @Test
    void aSubprotocolOfAnotherPluginIsHandedTheStream() {
        host.context("other", Map.of()).extensions().offer(TransportExtensions.STREAM_PROTOCOL, new Echo());

        assertThat(open("/", "", "sec-websocket-protocol", "tea, echo")).contains("Sec-WebSocket-Protocol: echo\r\n");
        frame(0x82, new byte[] {1, 2});
        assertThat(sentHex()).isEqualTo("82020102");
    }

    @Test
    void textInsideASubprotocolOfAnotherPluginIs1003() {
        host.context("other", Map.of()).extensions().offer(TransportExtensions.STREAM_PROTOCOL, new Echo());
        open("/", "", "sec-websocket-protocol", "echo");
        text("not binary");

        assertThat(sentHex()).startsWith("88").contains("03eb");
        frame(0x88, new byte[] {0x03, (byte) 0xeb});
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aTextFrameEndsATunnel() {
        host.context("other", Map.of()).extensions().offer(TransportExtensions.STREAM_PROTOCOL, new Echo());
        open("/", "", "sec-websocket-protocol", "echo");
        text("x");

        assertThat(sentHex()).startsWith("88").contains("03eb");
    }

    /** Sends back what it gets. */
    private static final class Echo implements StreamProtocol {
        @Override
        public String name() {
            return "echo";
        }

        @Override
        public void initialize(Channel channel, ConnectionInfo via) {
            channel.pipeline().addLast(new SimpleChannelInboundHandler<ByteBuf>() {
                @Override
                protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
                    context.writeAndFlush(bytes.retain());
                }
            });
        }

        @Override
        public Set<String> webSocketSubprotocols() {
            return Set.of("echo");
        }
    }
}
