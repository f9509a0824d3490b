package org.millrace.plugin.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** permessage-deflate (RFC 7692), with Java's own codec at the other end: Autobahn's case groups 12 and 13. */
class DeflateTest {
    private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};

    private final Wire wire = new Wire(Map.of("max-frame", "256KiB", "max-message", "256KiB"));
    private final Deflater deflater = new Deflater(6, true);
    private final Inflater inflater = new Inflater(true);

    @AfterEach
    void close() throws Exception {
        wire.close();
        deflater.end();
        inflater.end();
    }

    private String open(String offer) {
        return wire.open("/echo/1", "start=now", "sec-websocket-extensions", offer);
    }

    /** Deflates a message (section 7.2.1). */
    private byte[] deflated(byte[] message) {
        deflater.setInput(message);
        byte[] out = new byte[message.length + 1024];
        int n = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        return Arrays.copyOf(out, n - TAIL.length);
    }

    /** Inflates a message (section 7.2.2). */
    private byte[] inflated(byte[] payload) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(payload);
        whole.writeBytes(TAIL);
        inflater.setInput(whole.toByteArray());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] some = new byte[8192];
        try {
            for (int n = inflater.inflate(some); n > 0; n = inflater.inflate(some)) {
                out.write(some, 0, n);
            }
        } catch (DataFormatException e) {
            throw new AssertionError(e);
        }
        return out.toByteArray();
    }

    /** JSON that compresses about as well as JSON does. */
    private static byte[] json(int size, long seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder("\"");
        while (text.length() < size - 1) {
            text.append("temperature ").append(random.nextInt(100)).append(' ');
        }
        text.setLength(size - 1);
        return text.append('"').toString().getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({"16", "64", "256", "1024", "4096", "8192", "16384", "32768", "65536", "131072"})
    void messagesOfAllSizesAreEchoed(int size) {
        assertThat(open("permessage-deflate; client_max_window_bits"))
                .contains("\r\nSec-WebSocket-Extensions: permessage-deflate");
        for (int i = 0; i < 10; i++) {
            byte[] message = json(size, i);
            wire.frame(0xc1, deflated(message));

            Wire.Frame echo = wire.frames().getFirst();
            boolean compressed = echo.first() == 0xc1;
            assertThat(compressed).isEqualTo(size >= Deflate.THRESHOLD);
            assertThat(compressed ? inflated(echo.payload()) : echo.payload()).isEqualTo(message);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "permessage-deflate",
                "permessage-deflate; server_no_context_takeover",
                "permessage-deflate; client_no_context_takeover",
                "permessage-deflate; client_max_window_bits",
                "permessage-deflate; client_max_window_bits=9",
                "permessage-deflate; server_no_context_takeover; server_max_window_bits=9, permessage-deflate"
            })
    void anOfferIsAgreedToAndKept(String offer) {
        String head = open(offer);
        assertThat(head).contains("\r\nSec-WebSocket-Extensions: permessage-deflate");
        for (int i = 0; i < 10; i++) {
            byte[] message = json(5000, i);
            if (head.contains("client_no_context_takeover")) {
                deflater.reset();
            }
            wire.frame(0xc1, deflated(message));
            Wire.Frame echo = wire.frames().getFirst();
            if (head.contains("server_no_context_takeover")) {
                inflater.reset();
            }
            assertThat(inflated(echo.payload())).isEqualTo(message);
        }
    }

    @Test
    void fragmentsOfACompressedMessageArePutTogether() {
        open("permessage-deflate");
        byte[] message = json(5000, 1);
        byte[] whole = deflated(message);
        wire.frame(0x41, Arrays.copyOf(whole, 10));
        wire.frame(0x00, Arrays.copyOfRange(whole, 10, 20));
        wire.frame(0x89, new byte[] {1});
        wire.frame(0x80, Arrays.copyOfRange(whole, 20, whole.length));

        List<Wire.Frame> frames = wire.frames();
        assertThat(frames)
                .as(frames.getFirst().text())
                .satisfiesExactly(
                        pong -> assertThat(pong.first()).as(pong.text()).isEqualTo(0x8a),
                        echo -> assertThat(inflated(echo.payload())).isEqualTo(message));
    }

    @Test
    void anUncompressedMessageStaysAllowed() {
        open("permessage-deflate");
        wire.text("12");

        assertThat(wire.texts()).containsExactly("12");
    }

    @Test
    void anOfferThatJavasDeflateCannotKeepIsPassedOver() {
        assertThat(open("permessage-deflate; server_max_window_bits=9")).doesNotContain("Sec-WebSocket-Extensions");
    }

    @Test
    void anUnknownExtensionIsPassedOver() {
        assertThat(open("x-webkit-deflate-frame")).doesNotContain("Sec-WebSocket-Extensions");
    }

    @Test
    void theBitOfCompressionOnAControlFrameIs1002() {
        open("permessage-deflate");
        wire.frame(0xc9, new byte[0]);

        assertThat(wire.frames()).singleElement().extracting(Wire.Frame::code).isEqualTo(1002);
    }

    @Test
    void theOtherReservedBitsAre1002() {
        open("permessage-deflate");
        wire.frame(0xa1, new byte[] {'1'});

        assertThat(wire.frames()).singleElement().extracting(Wire.Frame::code).isEqualTo(1002);
    }

    @Test
    void whatIsNotDeflatedIs1007() {
        open("permessage-deflate");
        wire.frame(0xc1, new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, 1, 2, 3});

        assertThat(wire.frames()).singleElement().extracting(Wire.Frame::code).isEqualTo(1007);
    }

    @Test
    void aBombIs1009AndIsNotInflated() {
        open("permessage-deflate");
        byte[] bomb = deflated(new byte[64 * 1024 * 1024]);
        assertThat(bomb.length).isLessThan(256 * 1024);
        long before = PooledByteBufAllocator.DEFAULT.metric().usedHeapMemory()
                + PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
        wire.frame(0xc2, bomb);

        assertThat(wire.frames()).singleElement().extracting(Wire.Frame::code).isEqualTo(1009);
        assertThat(wire.channel.isOpen()).isFalse();
        assertThat(PooledByteBufAllocator.DEFAULT.metric().usedHeapMemory()
                        + PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()
                        - before)
                .isLessThan(16 * 1024 * 1024);
    }
}
