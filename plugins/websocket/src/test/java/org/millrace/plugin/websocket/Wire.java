package org.millrace.plugin.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.transport.HttpRequest;
import org.millrace.spi.transport.HttpUpgrade;
import org.millrace.spi.transport.TransportExtensions;
import org.millrace.testkit.InMemoryHost;

/** A host in memory with the plugin, and a client that sends and reads raw frames. */
final class Wire implements AutoCloseable {
    /** A frame as it was on the wire: its first byte, and its payload. */
    record Frame(int first, byte[] payload) {
        int opcode() {
            return first & 15;
        }

        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        /** A close frame's code; 1005 for none, as RFC 6455 section 7.1.5 has it. */
        int code() {
            assertThat(opcode()).isEqualTo(8);
            return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff;
        }
    }

    final InMemoryHost host;
    final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<HttpUpgrade> upgrades;
    private final boolean guest;

    /** Another client of the same host. */
    Wire(Wire other) {
        host = other.host;
        upgrades = other.upgrades;
        guest = true;
    }

    Wire(Map<String, String> settings) {
        host = InMemoryHost.create();
        upgrades = new ArrayList<>();
        guest = false;
        try {
            host.start("websocket", new WebSocketPlugin(), settings);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
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

    /** Opens with RFC 6455's own example key; headers are name, value, name, value ... Gives the answer's head. */
    String open(String path, String query, String... headers) {
        Map<String, List<String>> fields = new HashMap<>(Map.of(
                "host", List.of("example.org"),
                "sec-websocket-version", List.of("13"),
                "sec-websocket-key", List.of("dGhlIHNhbXBsZSBub25jZQ==")));
        for (int i = 0; i < headers.length; i += 2) {
            fields.put(headers[i], List.of(headers[i + 1]));
        }
        ConnectionInfo via = new ConnectionInfo("http/1.1", "test", false, "");
        upgrades.getFirst().upgrade(new HttpRequest("GET", path, query, fields, Identity.ANONYMOUS, via), channel);
        ByteBuf head = channel.readOutbound();
        try {
            return head.toString(StandardCharsets.ISO_8859_1);
        } finally {
            head.release();
        }
    }

    /** Opens the multiplexed protocol in a format. */
    void multiplex(String subprotocol) {
        assertThat(open("/", "", "sec-websocket-protocol", subprotocol))
                .startsWith("HTTP/1.1 101 ")
                .contains("Sec-WebSocket-Protocol: " + subprotocol + "\r\n");
    }

    /** What the host has sent since, frame by frame. */
    List<Frame> frames() {
        channel.runPendingTasks();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            byte[] bytes = new byte[part.readableBytes()];
            part.readBytes(bytes).release();
            all.writeBytes(bytes);
        }
        ByteBuffer in = ByteBuffer.wrap(all.toByteArray());
        List<Frame> frames = new ArrayList<>();
        while (in.hasRemaining()) {
            int first = in.get() & 0xff;
            int second = in.get() & 0xff;
            assertThat(second).as("a server's frames have no mask").isLessThan(128);
            long length = second == 126 ? in.getShort() & 0xffff : second == 127 ? in.getLong() : second;
            byte[] payload = new byte[Math.toIntExact(length)];
            in.get(payload);
            frames.add(new Frame(first, payload));
        }
        return frames;
    }

    /** The text messages that came since. */
    List<String> texts() {
        return frames().stream().map(Frame::text).toList();
    }

    /** Sends a frame as a client does, under a mask. */
    void frame(int first, byte[] payload) {
        raw(masked(first, payload));
    }

    static byte[] masked(int first, byte[] payload) {
        ByteBuf frame = Unpooled.buffer();
        frame.writeByte(first);
        if (payload.length < 126) {
            frame.writeByte(0x80 | payload.length);
        } else if (payload.length < 0x10000) {
            frame.writeByte(0x80 | 126).writeShort(payload.length);
        } else {
            frame.writeByte(0x80 | 127).writeLong(payload.length);
        }
        byte[] mask = {0x37, (byte) 0xfa, 0x21, 0x3d};
        frame.writeBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            frame.writeByte(payload[i] ^ mask[i & 3]);
        }
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes).release();
        return bytes;
    }

    /** Sends bytes as they are. */
    void raw(byte[] bytes) {
        if (channel.isOpen()) {
            channel.writeInbound(Unpooled.wrappedBuffer(bytes));
        }
        channel.runPendingTasks();
    }

    void text(String text) {
        frame(0x81, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends a message and gives the answers. */
    List<String> ask(String text) {
        text(text);
        return texts();
    }

    @Override
    public void close() throws Exception {
        channel.finishAndReleaseAll();
        if (!guest) {
            host.close();
        }
    }
}
