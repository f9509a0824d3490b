package org.millrace.plugin.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Path;

/** The unfinished messages of all connections together take no more memory than they may. */
class MessageMemoryTest {
    private static final int LIMIT = 512 * 1024;
    private static final int LARGE = 150_000;

    private final Wire first =
            new Wire(Map.of("max-messages", "512KiB", "max-unacknowledged", "1", "authenticate-timeout", "1h"));
    private final Wire second = new Wire(first);
    private final Wire third = new Wire(first);

    @AfterEach
    void close() throws Exception {
        third.close();
        second.close();
        first.close();
    }

    private long held() {
        return first.host.metric("websocket", "message_bytes");
    }

    private long refused() {
        return first.host.metric("websocket", "messages_refused");
    }

    private static void open(Wire wire) {
        assertThat(wire.open("/t/1", "start=now&mode=put")).startsWith("HTTP/1.1 101 ");
    }

    /** Sends a frame but for its last byte. */
    private static void begin(Wire wire, int size) {
        byte[] frame = Wire.masked(0x82, new byte[size]);
        wire.raw(Arrays.copyOf(frame, frame.length - 1));
    }

    private static void assertRefused(Wire wire) {
        assertThat(wire.frames()).singleElement().satisfies(close -> {
            assertThat(close.code()).isEqualTo(1013);
            assertThat(close.text()).contains("websocket.max-messages");
        });
        assertThat(wire.channel.isOpen()).isFalse();
    }

    @Test
    void frameForWhichThereIsNoRoomIs1013() {
        open(first);
        open(second);
        open(third);
        begin(first, LARGE);
        begin(second, LARGE);
        assertThat(held()).isBetween(2L * LARGE, (long) LIMIT);
        begin(third, LARGE);

        assertRefused(third);
        assertThat(refused()).isEqualTo(1);
        first.raw(new byte[1]);
        second.raw(new byte[1]);
        assertThat(held()).isZero();
        assertThat(first.host.record("t/1").orElseThrow().content().toByteArray())
                .hasSize(LARGE);
    }

    @Test
    void fragmentsForWhichThereIsNoRoomAre1013() {
        open(first);
        open(second);
        open(third);
        for (Wire wire : new Wire[] {first, second, third}) {
            wire.frame(0x02, new byte[LARGE / 2]);
            wire.frame(0x00, new byte[LARGE / 2]);
        }

        assertRefused(third);
        first.frame(0x80, new byte[0]);
        second.frame(0x80, new byte[0]);
        assertThat(held()).isZero();
    }

    @Test
    void smallMessagesHaveRoomWhenLargeOnesHaveNone() {
        open(first);
        open(second);
        open(third);
        begin(first, LARGE);
        begin(second, LARGE);
        begin(third, 10_000);

        third.raw(new byte[1]);
        assertThat(third.frames())
                .singleElement()
                .extracting(Wire.Frame::opcode)
                .isEqualTo(2);
        assertThat(refused()).isZero();
    }

    @Test
    void manyTinyFragmentsCountForMoreThanTheirBytes() {
        open(first);
        first.frame(0x02, new byte[1]);
        for (int i = 0; i < 500; i++) {
            first.frame(0x00, new byte[1]);
        }

        assertThat(held()).isGreaterThan(50_000);
    }

    @Test
    void roomOfClientsThatHaveGoneIsFree() {
        open(first);
        open(second);
        begin(first, LARGE);
        second.frame(0x02, new byte[LARGE]);
        first.channel.close();
        second.channel.close();

        assertThat(held()).isZero();
    }

    @Test
    void messagesThatAreInflatedAndWaitCount() {
        assertThat(third.open("/t/1", "start=now&mode=put", "sec-websocket-extensions", "permessage-deflate"))
                .contains("permessage-deflate");
        // What is not read goes on waiting, as behind a write that is not done yet.
        third.channel.config().setAutoRead(false);
        Deflater deflater = new Deflater(6, true);
        byte[] bombs = new byte[0];
        for (int i = 0; i < 4; i++) {
            deflater.setInput(new byte[LARGE]);
            byte[] out = new byte[LARGE];
            int n = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
            byte[] frame = Wire.masked(0xc2, Arrays.copyOf(out, n - 4));
            int from = bombs.length;
            bombs = Arrays.copyOf(bombs, from + frame.length);
            System.arraycopy(frame, 0, bombs, from, frame.length);
        }
        deflater.end();
        assertThat(bombs.length).isLessThan(LARGE / 10);
        third.raw(bombs);

        assertRefused(third);
        assertThat(held()).isZero();
        assertThat(third.host
                        .resources()
                        .get(Path.of("t/1"))
                        .toCompletableFuture()
                        .join())
                .isEmpty();
    }

    @Test
    void messagesThatAreDoneTakeNothing() {
        open(first);
        for (int i = 0; i < 20; i++) {
            first.frame(0x82, new byte[LARGE]);
            first.frames();
        }

        assertThat(held()).isZero();
        assertThat(refused()).isZero();
    }
}
