package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.WriteOptions;

class RecordCodecTest {
    private static final List<MediaType> TYPES = List.of(
            MediaType.JSON,
            MediaType.CBOR,
            MediaType.MSGPACK,
            MediaType.OCTET_STREAM,
            MediaType.TEXT,
            MediaType.JSON_PATCH,
            MediaType.MERGE_PATCH,
            new MediaType("image/png"),
            new MediaType("x/" + "y".repeat(125)));

    private final RecordEncoder encoder = new RecordEncoder();
    private final RecordCodec codec = new RecordCodec(TestNode.FORMATS);

    @Test
    void whateverIsEncodedIsDecodedAsItWas() {
        long seed = System.nanoTime();
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        for (int i = 0; i < 2_000; i++) {
            StoredEntry stored = anyEntry(random);
            ByteBuffer value = encode(stored);
            byte[] key = RecordKey.of(stored.entry().path());
            assertSame(codec.decode(stored.entry().path(), value.duplicate()), stored, seed);
            assertSame(codec.decode(key, value.duplicate()), stored, seed);
            assertThat(RecordCodec.version(value)).isEqualTo(stored.entry().version());
            assertThat(Expiry.instant(RecordCodec.expiryMillis(value)))
                    .isEqualTo(stored.entry().expiresAt());
        }
    }

    @Test
    void theHeaderStaysWhereReleasesBeforeHaveWrittenIt() {
        Entry entry = new Entry(
                Path.of("a"),
                TestNode.json("7"),
                new Version(0x1122334455667788L, 0x0102030405060708L),
                Properties.NONE,
                Instant.ofEpochMilli(0x0A0B0C),
                Qos.AT_LEAST_ONCE);
        assertThat(encode(new StoredEntry(entry, 0x42)).array())
                .startsWith(1, 0, 1, 1, 0, 0, 0, 0)
                .containsSequence(0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88)
                .containsSequence(1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0x42, 0, 0, 0, 0, 0, 0x0A, 0x0B, 0x0C)
                .endsWith(0, 0, 0, 0, '7')
                .hasSize(RecordCodec.HEADER + 1);
    }

    @Test
    void aValueOfALaterFormatIsRefused() {
        ByteBuffer value = encode(anyEntry(RandomGenerator.getDefault()));
        value.put(0, (byte) 2);
        assertThatThrownBy(() -> codec.decode(Path.of("a"), value)).hasMessageContaining("format 2");
    }

    private ByteBuffer encode(StoredEntry stored) {
        encoder.take(RecordKey.of(stored.entry().path()), stored);
        ByteBuffer value = ByteBuffer.allocate(encoder.size());
        encoder.writeTo(value);
        assertThat(value.hasRemaining()).isFalse();
        return value.flip();
    }

    private static void assertSame(StoredEntry decoded, StoredEntry stored, long seed) {
        assertThat(decoded.seq()).as("seed %d", seed).isEqualTo(stored.seq());
        assertThat(decoded.entry())
                .as("seed %d", seed)
                .usingRecursiveComparison()
                .ignoringFields("content")
                .isEqualTo(stored.entry());
        Content content = decoded.entry().content();
        assertThat(content.mediaType()).isEqualTo(stored.entry().content().mediaType());
        assertThat(content.toByteArray()).isEqualTo(stored.entry().content().toByteArray());
    }

    private static StoredEntry anyEntry(RandomGenerator random) {
        byte[] body = new byte[random.nextInt(10) == 0 ? random.nextInt(100_000) : random.nextInt(400)];
        random.nextBytes(body);
        Content content = TestNode.FORMATS.trusted(TYPES.get(random.nextInt(TYPES.size())), body);
        String path = random.nextInt(10) == 0
                ? "é".repeat(1 + random.nextInt(Path.MAX_BYTES / 2))
                : "t/" + random.nextInt() + "x".repeat(random.nextInt(520));
        Entry entry = new Entry(
                Path.of(path),
                content,
                new Version(random.nextLong(), random.nextLong()),
                anyProperties(random),
                random.nextBoolean() ? WriteOptions.NEVER : Instant.ofEpochMilli(random.nextLong(1L << 50)),
                Qos.values()[random.nextInt(3)]);
        return new StoredEntry(entry, random.nextLong(Long.MAX_VALUE));
    }

    private static Properties anyProperties(RandomGenerator random) {
        List<Properties.Property> list = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            String name = random.nextBoolean() ? "" : "näme" + random.nextInt(3);
            byte[] value = new byte[random.nextInt(30)];
            random.nextBytes(value);
            list.add(
                    random.nextBoolean()
                            ? new Properties.Text(name, "välue" + random.nextInt())
                            : new Properties.Binary(name, value));
        }
        return Properties.of(list);
    }
}
