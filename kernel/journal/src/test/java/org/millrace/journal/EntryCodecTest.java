package org.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.Version;

class EntryCodecTest {
    private static final long NODE = 0x1234_5678_9ABC_DEF0L;
    private static final List<Qos> QUALITIES = List.of(Qos.values());
    private static final List<MediaType> TYPES = List.of(
            MediaType.JSON,
            MediaType.CBOR,
            MediaType.MSGPACK,
            MediaType.JSON_PATCH,
            MediaType.MERGE_PATCH,
            MediaType.OCTET_STREAM,
            MediaType.TEXT,
            new MediaType("image/png"),
            new MediaType("x/" + "y".repeat(125)));

    @Test
    void whatIsDecodedIsWhatWasEncoded() {
        for (long seed = 0; seed < 3_000; seed++) {
            Change change = random(new SplittableRandom(seed));
            ByteBuffer frame = encode(change, seed % 2 == 0);
            Change decoded = EntryCodec.decode(frame, 16, NODE, PlainContent::new);
            assertThat(parts(decoded)).as("seed %d", seed).isEqualTo(parts(change));
        }
    }

    @Test
    void changesForAnotherNodeComeBackInOrder() {
        for (long seed = 0; seed < 300; seed++) {
            List<Change> changes = new ArrayList<>();
            long size = 0;
            for (int i = 0; i < 5; i++) {
                changes.add(random(new SplittableRandom(seed * 5 + i)));
                size += ChangeFrames.maxSize(changes.getLast());
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) size);
            changes.forEach(change -> ChangeFrames.write(change, bytes));
            assertThat(ChangeFrames.read(bytes.flip(), NODE, PlainContent::new))
                    .as("seed %d", seed)
                    .usingElementComparator((a, b) -> parts(a).equals(parts(b)) ? 0 : 1)
                    .isEqualTo(changes);
        }
    }

    @Test
    void bytesThatAreNoChangesAreRefusedWithTheRemedy() {
        ByteBuffer bytes = ByteBuffer.allocate(4_096);
        ChangeFrames.write(random(new SplittableRandom(1)), bytes);
        bytes.flip().limit(bytes.limit() - Frame.ALIGNMENT);
        assertThatThrownBy(() -> ChangeFrames.read(bytes, NODE, PlainContent::new))
                .hasMessageContaining("bring all nodes to the same release");
    }

    @Test
    void encodingStaysWithinTheAnnouncedSizeAndIsAligned() {
        for (long seed = 0; seed < 3_000; seed++) {
            Change change = random(new SplittableRandom(seed));
            ByteBuffer frame = encode(change, true);
            int length = frame.getInt(16);
            assertThat((long) length).as("seed %d", seed).isLessThanOrEqualTo(EntryCodec.maxSize(change));
            assertThat(length % Frame.ALIGNMENT).as("seed %d", seed).isZero();
            assertThat(frame.position()).as("seed %d", seed).isEqualTo(16 + length);
        }
    }

    @Test
    void anyFlippedBitBreaksTheChecksum() {
        Change change = random(new SplittableRandom(5));
        ByteBuffer frame = encode(change, true);
        Frame.Checksum checksum = new Frame.Checksum(77);
        Frame.seal(frame, 16, 0, checksum);
        int length = frame.getInt(16);
        int sum = frame.getInt(16 + Frame.CRC);
        for (int bit = 0; bit < length * 8; bit++) {
            int at = 16 + bit / 8;
            if (at >= 16 + Frame.CRC && at < 16 + Frame.SEQ) {
                continue;
            }
            frame.put(at, (byte) (frame.get(at) ^ (1 << (bit % 8))));
            if (checksum.of(frame, 16, at < 16 + Frame.CRC ? length ^ 1 : length) == sum) {
                fail("bit %d", bit);
            }
            frame.put(at, (byte) (frame.get(at) ^ (1 << (bit % 8))));
        }
    }

    @Test
    void anotherSegmentsSaltBreaksTheChecksum() {
        ByteBuffer frame = encode(random(new SplittableRandom(6)), true);
        Frame.seal(frame, 16, 0, new Frame.Checksum(1));
        assertThat(new Frame.Checksum(2).of(frame, 16, frame.getInt(16))).isNotEqualTo(frame.getInt(16 + Frame.CRC));
    }

    @Test
    void anUnknownKindIsRefused() {
        ByteBuffer frame = encode(random(new SplittableRandom(7)), true);
        frame.put(16 + Frame.KIND, (byte) 99);
        assertThatThrownBy(() -> EntryCodec.decode(frame, 16, NODE, PlainContent::new))
                .hasMessageContaining("unknown kind of change: 99");
    }

    @Test
    void aWitnessTellsHowFarTheDiskWasSynced() {
        Change change = Change.of(ChangeKind.DELETE, Path.of("a"), new Version(1, 1), new Cursor(NODE, 5_000_000_000L))
                .build();
        ByteBuffer frame = encode(change, true);
        Frame.seal(frame, 16, 4_999_999_990L, new Frame.Checksum(1));
        assertThat(Frame.witnessed(frame, 16)).isEqualTo(4_999_999_990L);
        Frame.seal(frame, 16, 3, new Frame.Checksum(1));
        assertThat(Frame.witnessed(frame, 16)).as("too far back to be said").isZero();
    }

    private static List<Object> parts(Change c) {
        return List.of(
                c.kind(),
                c.path(),
                c.version(),
                c.cursor(),
                c.content(),
                c.patch(),
                c.properties(),
                c.expiresAt(),
                c.qos(),
                c.source());
    }

    private static ByteBuffer encode(Change change, boolean endOfGroup) {
        ByteBuffer buffer = ByteBuffer.allocate(16 + (int) EntryCodec.maxSize(change));
        // What was in the buffer before must not shine through.
        java.util.Arrays.fill(buffer.array(), (byte) 0xEE);
        EntryCodec.encode(change, endOfGroup, buffer.position(16));
        return buffer;
    }

    private static Change random(RandomGenerator random) {
        ChangeKind[] kinds = ChangeKind.values();
        ChangeKind kind = kinds[random.nextInt(kinds.length)];
        Change.Builder change = Change.of(
                kind,
                Path.of(text(random, 1)),
                new Version(random.nextLong(), random.nextLong()),
                new Cursor(NODE, random.nextLong(Long.MAX_VALUE)));
        if (!kind.removesRecord()) {
            change.content(content(random));
        }
        if (kind == ChangeKind.PATCH) {
            change.patch(content(random));
        }
        if (random.nextBoolean()) {
            change.expiresAt(Instant.ofEpochSecond(random.nextLong(1L << 36), random.nextInt(1_000_000_000)));
        }
        change.qos(QUALITIES.get(random.nextInt(QUALITIES.size())));
        if (random.nextBoolean()) {
            change.source(text(random, 0));
        }
        List<Properties.Property> properties = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            properties.add(
                    random.nextBoolean()
                            ? new Properties.Text(text(random, 0), text(random, 0))
                            : new Properties.Binary(text(random, 0), bytes(random)));
        }
        return change.properties(Properties.of(properties)).build();
    }

    private static PlainContent content(RandomGenerator random) {
        return new PlainContent(TYPES.get(random.nextInt(TYPES.size())), bytes(random));
    }

    private static byte[] bytes(RandomGenerator random) {
        byte[] bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static String text(RandomGenerator random, int least) {
        StringBuilder text = new StringBuilder();
        for (int i = least + random.nextInt(30); i > 0; i--) {
            switch (random.nextInt(12)) {
                case 0 -> text.append('é');
                case 1 -> text.append('水');
                case 2 -> text.append("🌊");
                default -> text.append((char) ('a' + random.nextInt(26)));
            }
        }
        return text.toString();
    }
}
