package org.millrace.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.millrace.content.Bytes.hex;
import static org.millrace.content.Bytes.json;
import static org.millrace.content.Bytes.text;
import static org.millrace.content.Bytes.utf8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

class MergePatchTest {
    private static final MediaType[] ALL = {MediaType.JSON, MediaType.CBOR, MediaType.MSGPACK};

    private final ContentFormats formats = new ContentFormats(ContentLimits.ofSize(1_000));

    private Content received(String json, MediaType type) {
        Content content = formats.of(MediaType.JSON, utf8(json));
        return formats.of(type, content.as(type).toByteArray());
    }

    /** RFC 7396 appendix A, in every pair of formats. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":\"b\"} | {\"a\":\"c\"} | {\"a\":\"c\"}",
                "{\"a\":\"b\"} | {\"b\":\"c\"} | {\"a\":\"b\",\"b\":\"c\"}",
                "{\"a\":\"b\"} | {\"a\":null} | {}",
                "{\"a\":\"b\",\"b\":\"c\"} | {\"a\":null} | {\"b\":\"c\"}",
                "{\"a\":[\"b\"]} | {\"a\":\"c\"} | {\"a\":\"c\"}",
                "{\"a\":\"c\"} | {\"a\":[\"b\"]} | {\"a\":[\"b\"]}",
                "{\"a\":{\"b\":\"c\"}} | {\"a\":{\"b\":\"d\",\"c\":null}} | {\"a\":{\"b\":\"d\"}}",
                "{\"a\":[{\"b\":\"c\"}]} | {\"a\":[1]} | {\"a\":[1]}",
                "[\"a\",\"b\"] | [\"c\",\"d\"] | [\"c\",\"d\"]",
                "{\"a\":\"b\"} | [\"c\"] | [\"c\"]",
                "{\"a\":\"foo\"} | null | null",
                "{\"a\":\"foo\"} | \"bar\" | \"bar\"",
                "{\"e\":null} | {\"a\":1} | {\"e\":null,\"a\":1}",
                "[1,2] | {\"a\":\"b\",\"c\":null} | {\"a\":\"b\"}",
                "{} | {\"a\":{\"bb\":{\"ccc\":null}}} | {\"a\":{\"bb\":{}}}",
                // Section 1 of the RFC.
                "{\"a\":\"b\",\"c\":{\"d\":\"e\",\"f\":\"g\"}} | {\"a\":\"z\",\"c\":{\"f\":null}}"
                        + " | {\"a\":\"z\",\"c\":{\"d\":\"e\"}}"
            })
    void examplesOfTheRfc(String base, String patch, String expected) {
        for (MediaType baseType : ALL) {
            for (MediaType patchType : ALL) {
                Content result = formats.merge(received(base, baseType), received(patch, patchType));

                assertThat(result.mediaType()).isEqualTo(baseType);
                assertThat(json(result)).isEqualTo(expected);
            }
        }
    }

    @Test
    void declaredMergePatchWorksLikeJson() {
        Content patch = formats.of(MediaType.MERGE_PATCH, utf8("{\"a\":2}"));

        assertThat(Bytes.hex(formats.merge(formats.of(MediaType.CBOR, hex("a1616101")), patch)))
                .isEqualTo("a1616102");
    }

    @Test
    void whatIsNotTouchedKeepsItsSpelling() {
        Content base =
                formats.of(MediaType.JSON, utf8(" {\"x\": 1.500e0, \"y\" : [ 1 , {} ],\"z\":\"\\u00e9\",\"n\":0}\n"));

        Content result = formats.merge(base, formats.of(MediaType.JSON, utf8("{\"n\": 1.0}")));

        assertThat(text(result)).isEqualTo("{\"x\":1.500e0,\"y\":[ 1 , {} ],\"z\":\"\\u00e9\",\"n\":1.0}");
    }

    @Test
    void whatJsonCannotSayStaysInCbor() {
        // Tag 1 on a date, undefined, a half-precision float, an integer key; "n" is patched.
        Content base =
                formats.of(MediaType.CBOR, hex("bf 6164 c11a514b67b0 6175 f7 6166 f93e00 01 c2420100 616e 00 ff"));

        Content result = formats.merge(base, formats.of(MediaType.JSON, utf8("{\"n\":1}")));

        assertThat(Bytes.hex(result))
                .isEqualTo("a5 6164 c11a514b67b0 6175 f7 6166 f93e00 01 c2420100 616e 01".replace(" ", ""));
    }

    @Test
    void extensionsAndIntegerKeysStayInMessagePack() {
        Content base = formats.of(MediaType.MSGPACK, hex("83 01 d40501 a174 d6ff5a497ac5 a16e cd0001"));

        Content result = formats.merge(base, formats.of(MediaType.JSON, utf8("{\"n\":null,\"1\":{\"a\":2}}")));

        assertThat(Bytes.hex(result)).isEqualTo("82 01 81a16102 a174 d6ff5a497ac5".replace(" ", ""));
    }

    @Test
    void undefinedInACborPatchRemoves() {
        Content base = formats.of(MediaType.JSON, utf8("{\"a\":1,\"b\":2}"));

        assertThat(json(formats.merge(base, formats.of(MediaType.CBOR, hex("a16161f7")))))
                .isEqualTo("{\"b\":2}");
    }

    @Test
    void withoutABaseTheResultIsOfThePatchsOwnType() {
        Content cbor = formats.merge(null, formats.of(MediaType.CBOR, hex("a2616101 6162f6")));
        Content json = formats.merge(null, formats.of(MediaType.MERGE_PATCH, utf8("{\"a\":{\"b\":null}}")));
        Content scalar = formats.merge(null, formats.of(MediaType.MSGPACK, hex("05")));

        assertThat(cbor.mediaType()).isEqualTo(MediaType.CBOR);
        assertThat(Bytes.hex(cbor)).isEqualTo("a1616101");
        assertThat(json.mediaType()).isEqualTo(MediaType.JSON);
        assertThat(text(json)).isEqualTo("{\"a\":{}}");
        assertThat(scalar.mediaType()).isEqualTo(MediaType.MSGPACK);
        assertThat(Bytes.hex(scalar)).isEqualTo("05");
    }

    @Test
    void resultKeepsTheBasesStructuredSuffix() {
        MediaType senml = new MediaType("application/senml+cbor");

        assertThat(formats.merge(formats.of(senml, hex("a0")), formats.of(MediaType.JSON, utf8("{}")))
                        .mediaType())
                .isEqualTo(senml);
    }

    @Test
    void opaqueBaseIsAConflict() {
        ResourceException refusal = catchThrowableOfType(
                ResourceException.class,
                () -> formats.merge(formats.of(MediaType.TEXT, utf8("hello")), formats.of(MediaType.JSON, utf8("{}"))));

        assertThat(refusal.code()).isEqualTo(ErrorCode.CONFLICT);
        assertThat(refusal).hasMessageContaining("text/plain").hasMessageContaining("opaque");
    }

    @Test
    void opaquePatchIsUnsupported() {
        ResourceException refusal = catchThrowableOfType(
                ResourceException.class,
                () -> formats.merge(formats.of(MediaType.JSON, utf8("{}")), formats.of(MediaType.TEXT, utf8("hello"))));

        assertThat(refusal.code()).isEqualTo(ErrorCode.UNSUPPORTED);
        assertThat(refusal).hasMessageContaining("text/plain").hasMessageContaining("merge-patch");
    }

    @Test
    void resultBeyondTheSizeIsRefused() {
        Content base = formats.of(MediaType.JSON, utf8("{\"a\":\"" + "x".repeat(600) + "\"}"));
        Content patch = formats.of(MediaType.JSON, utf8("{\"b\":\"" + "y".repeat(600) + "\"}"));

        ResourceException refusal = catchThrowableOfType(ResourceException.class, () -> formats.merge(base, patch));

        assertThat(refusal.code()).isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(refusal).hasMessageContaining("1000");
    }

    @Test
    void baseAndPatchAreNotAltered() {
        Content base = formats.of(MediaType.JSON, utf8("{\"a\":{\"b\":1}}"));
        Content patch = formats.of(MediaType.JSON, utf8("{\"a\":{\"b\":2}}"));

        formats.merge(base, patch);

        assertThat(text(base)).isEqualTo("{\"a\":{\"b\":1}}");
        assertThat(text(patch)).isEqualTo("{\"a\":{\"b\":2}}");
    }
}
