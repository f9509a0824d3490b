package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Messages too large for the servers. */
class PartsTest {
    @Test
    void aSmallMessageIsSentAsItIs() {
        byte[] message = bytes(1, 100);
        assertThat(Parts.cut(1, message, 100)).containsExactly(message);
        Parts.Whole whole = Objects.requireNonNull(new Parts(1_000).offer(7, message));
        assertThat(whole.bytes()).isSameAs(message);
        assertThat(whole.place()).isEqualTo(7);
    }

    @Test
    void partsInAnyOrderAndTwiceMakeTheMessageOnce() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            byte[] message = bytes(seed, 1 + random.nextInt(5_000));
            List<byte[]> parts = new ArrayList<>(Parts.cut(3, message, 100));
            assertThat(parts).allSatisfy(part -> assertThat(part.length).isLessThanOrEqualTo(100));
            if (parts.size() < 2) {
                continue;
            }
            // The last one to come is not among those that come twice.
            Collections.shuffle(parts, random);
            parts.addAll(0, parts.subList(0, random.nextInt(parts.size() - 1)));
            Parts receiver = new Parts(100_000);
            for (int i = 0; i < parts.size() - 1; i++) {
                assertThat(receiver.offer(10 + i, parts.get(i)))
                        .as("seed %d", seed)
                        .isNull();
                assertThat(receiver.resumeBefore()).isEqualTo(10);
            }
            Parts.Whole whole = Objects.requireNonNull(receiver.offer(10_000, parts.getLast()));
            assertThat(whole.bytes()).as("seed %d", seed).isEqualTo(message);
            assertThat(whole.place()).isEqualTo(10);
            assertThat(receiver.resumeBefore()).isEqualTo(Long.MAX_VALUE);
        }
    }

    @Test
    void messagesThatNeverBecomeWholeAreGivenUpFromTheEldestOn() {
        Parts receiver = new Parts(500);
        for (int i = 0; i < 10; i++) {
            assertThat(receiver.offer(i + 1, Parts.cut(i, bytes(i, 1_000), 300).getFirst()))
                    .isNull();
        }
        assertThat(receiver.resumeBefore()).isEqualTo(10);
        receiver.forget(9);
        assertThat(receiver.resumeBefore()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aPageThatChangedWhileItCameInPiecesIsBegunAnew() {
        Copies.Pieces pieces = new Copies.Pieces();
        assertThat(pieces.offer(piece(1, "abcdef", 0, 3))).isNull();
        assertThat(pieces.offset()).isEqualTo(3);
        assertThat(pieces.offer(piece(2, "ghijklm", 3, 3))).isNull();
        assertThat(pieces.offset()).isZero();
        assertThat(pieces.offer(piece(2, "ghijklm", 0, 4))).isNull();
        assertThat(pieces.offer(piece(2, "ghijklm", 4, 3)))
                .isEqualTo("ghijklm".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    private static byte[] piece(long checksum, String page, int from, int length) {
        return java.nio.ByteBuffer.allocate(24 + length)
                .putLong(-1)
                .putLong(page.length())
                .putLong(checksum)
                .put(page.getBytes(java.nio.charset.StandardCharsets.US_ASCII), from, length)
                .array();
    }

    private static byte[] bytes(long seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
