package org.millrace.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.millrace.content.Bytes.hex;
import static org.millrace.content.Bytes.utf8;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

class DocumentTest {
    private static final String STATION =
            "{\"id\":7,\"pos\":{\"x\":1.5,\"label\":null},\"tags\":[\"a\",{\"b\":true}],\"a.b\":1,\"0\":\"zero\"}";

    private final ContentFormats formats = new ContentFormats(ContentLimits.ofSize(10_000));
    private final Content station = formats.of(MediaType.JSON, utf8(STATION));

    private static List<Value> select(Content content, String... paths) {
        return new AttributeSelection(
                        List.of(paths).stream().map(AttributePath::parse).toList())
                .extract(content);
    }

    @Test
    void attributesAreFoundByPathInTreeAndStreamAlike() {
        String[] paths = {
            "id", "pos.x", "pos.label", "tags.0", "tags.1.b", "a\\.b", "0", "pos", "tags.2", "tags.-1", "id.x", "nope"
        };
        List<Value> expected = List.of(
                new Value.Whole(7),
                new Value.Real(1.5),
                Value.NULL,
                new Value.Text("a"),
                Value.TRUE,
                new Value.Whole(1),
                new Value.Text("zero"),
                Document.of(formats.of(MediaType.JSON, utf8("{\"x\":1.5,\"label\":null}")))
                        .root(),
                Value.MISSING,
                Value.MISSING,
                Value.MISSING,
                Value.MISSING);

        for (MediaType type : List.of(MediaType.JSON, MediaType.CBOR, MediaType.MSGPACK)) {
            Document document = Document.of(station.as(type));
            assertThat(List.of(paths).stream().map(document::get).toList()).isEqualTo(expected);
            assertThat(select(station.as(type), paths)).isEqualTo(expected);
        }
    }

    @Test
    void selectionTakesAnAttributeTwiceAndOneWithinAnother() {
        assertThat(select(station, "pos.x", "pos", "pos.x"))
                .isEqualTo(List.of(new Value.Real(1.5), Document.of(station).get("pos"), new Value.Real(1.5)));
    }

    @Test
    void ofNamesThatComeTwiceTheLastCountsInTreeAndStream() {
        Content content = formats.of(MediaType.JSON, utf8("{\"a\":{\"x\":1,\"y\":2},\"b\":3,\"a\":{\"y\":4}}"));

        assertThat(select(content, "a.x", "a.y")).isEqualTo(List.of(Value.MISSING, new Value.Whole(4)));
        assertThat(Document.of(content).get("a.x")).isEqualTo(Value.MISSING);
        assertThat(Document.of(content).get("a.y")).isEqualTo(new Value.Whole(4));
    }

    @Test
    void integerKeysAreFoundByTheirDigits() {
        Content content = formats.of(MediaType.CBOR, hex("a1 20 a1 01 f5"));

        assertThat(Document.of(content).get("-1.1")).isEqualTo(Value.TRUE);
        assertThat(select(content, "-1.1")).isEqualTo(List.of(Value.TRUE));
    }

    @Test
    void bytesAndDatesHaveTheirKinds() {
        Content content = formats.of(MediaType.MSGPACK, hex("92 c40101 d6ff00000000"));

        assertThat(select(content, "0", "1"))
                .isEqualTo(List.of(new Value.Binary(new byte[] {1}), new Value.Text("1970-01-01T00:00:00Z")));
    }

    @Test
    void opaqueContentHasNoAttributes() {
        Content opaque = formats.of(MediaType.TEXT, utf8("{}"));

        assertThat(select(opaque, "a")).isEqualTo(List.of(Value.MISSING));
        ResourceException refusal = catchThrowableOfType(ResourceException.class, () -> Document.of(opaque));
        assertThat(refusal.code()).isEqualTo(ErrorCode.UNSUPPORTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a.b", "a\\.b.c", "\\\\", "0.1", " "})
    void pathsAreReadAndWrittenBack(String text) {
        assertThat(AttributePath.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a.", ".a", "a..b", "a\\", "a\\b"})
    void malformedPathsAreRefused(String text) {
        ResourceException refusal = catchThrowableOfType(ResourceException.class, () -> AttributePath.parse(text));

        assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID);
    }
}
