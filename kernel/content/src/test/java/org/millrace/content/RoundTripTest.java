package org.millrace.content;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import com.fasterxml.jackson.dataformat.cbor.CBORParser;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.ImmutableValue;

/** Properties that hold for any value; other codecs serve as the judge where there are some. */
class RoundTripTest {
    private static final int RUNS = 200;
    private static final MediaType[] ALL = {MediaType.JSON, MediaType.CBOR, MediaType.MSGPACK};

    private final ContentFormats formats = new ContentFormats(ContentLimits.ofSize(1_000_000));

    private static void forRandomValues(boolean big, BiConsumer<Value, Random> property) {
        long seed = System.nanoTime();
        for (int run = 0; run < RUNS; run++) {
            Random random = new Random(seed + run);
            Value value = new RandomValues(random, big).value(5);
            try {
                property.accept(value, random);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("with seed " + (seed + run) + " and " + value, e);
            }
        }
    }

    /** What {@link ContentFormats#of} makes of the bytes another format was transcoded to. */
    private Content received(Content content, MediaType type) {
        return formats.of(type, content.as(type).toByteArray());
    }

    @Test
    void everyValueIsTheSameInAllFormats() {
        forRandomValues(false, (value, _) -> {
            for (MediaType first : ALL) {
                Content written = formats.write(first, value);
                assertThat(Document.of(written).root()).isEqualTo(value);
                for (MediaType second : ALL) {
                    for (MediaType third : ALL) {
                        Content back = received(received(received(written, second), third), first);
                        assertThat(Document.of(back).root())
                                .as("%s to %s to %s and back", first, second, third)
                                .isEqualTo(value);
                    }
                }
            }
        });
    }

    @Test
    void integersOfAnySizeAreTheSameInJsonAndCbor() {
        forRandomValues(true, (value, _) -> {
            Content cbor = received(formats.write(MediaType.JSON, value), MediaType.CBOR);
            assertThat(Document.of(cbor).root()).isEqualTo(value);
            assertThat(Document.of(received(cbor, MediaType.JSON)).root()).isEqualTo(value);
        });
    }

    @Test
    void conversionBackToTheFirstFormatGivesTheSameBytes() {
        forRandomValues(false, (value, _) -> {
            Content json = formats.write(MediaType.JSON, value);
            assertThat(received(received(json, MediaType.CBOR), MediaType.JSON)).isEqualTo(json);
            assertThat(received(received(json, MediaType.MSGPACK), MediaType.JSON))
                    .isEqualTo(json);
        });
    }

    @Test
    void otherCborCodecReadsWhatIsWrittenAndIsUnderstood() {
        // Without these, its negative bignums are off by one (RFC 8949 section 3.4.3).
        CBORMapper cborMapper = new CBORMapper(new CBORFactory()
                .enable(CBORParser.Feature.DECODE_USING_STANDARD_NEGATIVE_BIGINT_ENCODING)
                .enable(CBORGenerator.Feature.ENCODE_USING_STANDARD_NEGATIVE_BIGINT_ENCODING));
        ObjectMapper jsonMapper = new ObjectMapper();
        forRandomValues(true, (value, _) -> {
            Content json = formats.write(MediaType.JSON, value);
            try {
                JsonNode theirs = cborMapper.readTree(json.as(MediaType.CBOR).toByteArray());
                assertThat(Document.of(formats.of(MediaType.JSON, jsonMapper.writeValueAsBytes(theirs)))
                                .root())
                        .isEqualTo(value);
                assertThat(Document.of(formats.of(MediaType.CBOR, cborMapper.writeValueAsBytes(theirs)))
                                .root())
                        .isEqualTo(value);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void otherMessagePackCodecReadsWhatIsWrittenAndWritesTheSame() {
        forRandomValues(false, (value, _) -> {
            byte[] written = formats.write(MediaType.MSGPACK, value).toByteArray();
            try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(written);
                    var packer = MessagePack.newDefaultBufferPacker()) {
                ImmutableValue theirs = unpacker.unpackValue();
                assertThat(unpacker.hasNext()).isFalse();
                packer.packValue(theirs);
                assertThat(Document.of(formats.of(MediaType.MSGPACK, packer.toByteArray()))
                                .root())
                        .isEqualTo(value);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void everyPrefixOfABinaryValueIsRefused(Binary format) {
        forRandomValues(false, (value, random) -> {
            byte[] all = formats.write(format.type, value).toByteArray();
            byte[] cut = Arrays.copyOf(all, random.nextInt(all.length));
            assertThat(codeOf(format.type, cut)).isEqualTo(ErrorCode.INVALID);
        });
    }

    @ParameterizedTest
    @EnumSource
    void damagedBytesAreEitherRefusedOrConvertible(Binary format) {
        forRandomValues(false, (value, random) -> {
            byte[] damaged = formats.write(format.type, value).toByteArray();
            for (int i = random.nextInt(3); i >= 0; i--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            if (codeOf(format.type, damaged) == null) {
                Content taken = formats.of(format.type, damaged);
                for (MediaType target : ALL) {
                    assertThat(received(taken, target).size()).isPositive();
                }
            }
        });
    }

    @Test
    void selectionFindsWhatTheDocumentHas() {
        forRandomValues(true, (value, random) -> {
            Value inner = new RandomValues(random, false).value(2);
            Value outer = new Value.Array(List.of(value, inner));
            List<AttributePath> paths = new ArrayList<>();
            collectPaths(outer, new ArrayList<>(), paths, random);
            paths.add(AttributePath.parse("0.nowhere"));
            for (MediaType type : ALL) {
                Content content = formats.write(type, outer);
                Document document = Document.of(content);

                List<Value> found = new AttributeSelection(paths).extract(content);

                assertThat(found).isEqualTo(paths.stream().map(document::get).toList());
            }
        });
    }

    private static void collectPaths(Value value, List<String> here, List<AttributePath> paths, Random random) {
        Map<String, Value> children = new LinkedHashMap<>();
        if (value instanceof Value.Struct struct) {
            children.putAll(struct.members());
        } else if (value instanceof Value.Array array) {
            for (int i = 0; i < array.items().size(); i++) {
                children.put(Integer.toString(i), array.items().get(i));
            }
        }
        children.forEach((name, child) -> {
            List<String> path = new ArrayList<>(here);
            path.add(name);
            if (random.nextInt(4) == 0) {
                paths.add(new AttributePath(path));
            }
            collectPaths(child, path, paths, random);
        });
    }

    private ErrorCode codeOf(MediaType type, byte[] bytes) {
        try {
            formats.of(type, bytes);
            return null;
        } catch (ResourceException e) {
            return e.code();
        }
    }

    /** The formats other than JSON. */
    enum Binary {
        CBOR(MediaType.CBOR),
        MESSAGE_PACK(MediaType.MSGPACK);

        private final MediaType type;

        Binary(MediaType type) {
            this.type = type;
        }
    }
}
