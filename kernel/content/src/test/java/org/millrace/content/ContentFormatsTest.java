package org.millrace.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

class ContentFormatsTest {
    private final ContentFormats formats = new ContentFormats(ContentLimits.ofSize(10_000));

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void declaredJsonKeepsItsBytes() {
        byte[] sent = utf8(" { \"b\" : 1.50 , \"a\" : [ ] }\n");

        Content content = formats.of(MediaType.JSON, sent);

        assertThat(content.toByteArray()).isEqualTo(sent);
        assertThat(content.as(MediaType.JSON)).isSameAs(content);
        assertThat(content.isStructured()).isTrue();
    }

    @Test
    void typesOfUnknownMeaningAreOpaque() {
        Content content = formats.of(new MediaType("image/png"), new byte[] {1, 2, 3});

        assertThat(content.isStructured()).isFalse();
        assertThat(content.canBe(MediaType.JSON)).isFalse();
        assertThat(content.as(new MediaType("image/png"))).isSameAs(content);
        ResourceException refusal = catchThrowableOfType(ResourceException.class, () -> content.as(MediaType.JSON));
        assertThat(refusal.code()).isEqualTo(ErrorCode.UNSUPPORTED);
        assertThat(refusal).hasMessageContaining("image/png").hasMessageContaining("application/json");
    }

    @Test
    void structuredSuffixIsCheckedAndConvertedUnderItsOwnName() {
        MediaType geo = new MediaType("application/geo+json");
        Content content = formats.of(geo, utf8("{\"type\":\"Point\"}"));

        assertThat(content.mediaType()).isEqualTo(geo);
        assertThat(content.as(geo)).isSameAs(content);
        Content cbor = content.as(MediaType.CBOR);
        assertThat(cbor.toByteArray()).isEqualTo(HexFormat.of().parseHex("a1647479706565506f696e74"));
        assertThat(cbor.as(geo)).isSameAs(content);
        assertThat(content.as(MediaType.JSON).mediaType()).isEqualTo(MediaType.JSON);
        assertThat(content.as(MediaType.JSON).toByteArray()).isEqualTo(content.toByteArray());
        assertThat(content.canBe(new MediaType("application/senml+json"))).isFalse();
    }

    @Test
    void malformedContentOfAStructuredSuffixIsRefused() {
        assertThat(refusal(new MediaType("application/senml+cbor"), new byte[] {(byte) 0x82, 1})
                        .code())
                .isEqualTo(ErrorCode.INVALID);
    }

    @Test
    void largerThanAllowedIsRefusedWithBothSizes() {
        byte[] large = new byte[10_001];

        assertThat(refusal(MediaType.OCTET_STREAM, large))
                .hasMessageContaining("10001")
                .hasMessageContaining("10000")
                .extracting(ResourceException::code)
                .isEqualTo(ErrorCode.TOO_LARGE);
        ResourceException detected = catchThrowableOfType(ResourceException.class, () -> formats.detect(large));
        assertThat(detected.code()).isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(formats.maxSize()).isEqualTo(10_000);
    }

    @Test
    void theLargestAllowedIsTaken() {
        assertThat(formats.of(MediaType.OCTET_STREAM, new byte[10_000]).size()).isEqualTo(10_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                " {\"a\":1} ",
                "[1,2]\n",
                "\"text\"",
                "\"\"",
                "21.5",
                "-1",
                "0",
                "1e3",
                "true",
                "false",
                "null",
                "\tnull\r\n"
            })
    void oneJsonValueIsDetected(String text) {
        Content content = formats.detect(utf8(text));

        assertThat(content.mediaType()).isEqualTo(MediaType.JSON);
        assertThat(content.toByteArray()).isEqualTo(utf8(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "hello",
                "{",
                "{a:1}",
                "[1,]",
                "\"",
                "21.5 C",
                "1 2",
                "01",
                "1.",
                "-",
                "+1",
                "2026-11-24",
                "tru",
                "truefalse",
                "nul",
                "NaN",
                "on",
                "{}{}",
                "\u0000",
                "1e",
                "\ufeff{}"
            })
    void everythingElseIsDetectedAsOpaque(String text) {
        Content content = formats.detect(utf8(text));

        assertThat(content.mediaType()).isEqualTo(MediaType.OCTET_STREAM);
        assertThat(content.toByteArray()).isEqualTo(utf8(text));
    }

    @Test
    void jsonBeyondTheDepthIsDetectedAsOpaque() {
        byte[] deep = utf8("[".repeat(257) + "]".repeat(257));

        assertThat(formats.detect(deep).isStructured()).isFalse();
        assertThat(refusal(MediaType.JSON, deep).code()).isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void trustedBytesAreTakenAsTheyAre() {
        byte[] stored = new byte[20_000];
        stored[0] = '{';

        Content content = formats.trusted(MediaType.JSON, stored);

        assertThat(content.isStructured()).isTrue();
        assertThat(content.size()).isEqualTo(20_000);
    }

    @Test
    void bytesAreAReadOnlyViewOfItsOwn() {
        Content content = formats.of(MediaType.TEXT, utf8("abc"));

        content.bytes().get();

        assertThat(content.bytes().remaining()).isEqualTo(3);
        assertThat(content.bytes().isReadOnly()).isTrue();
        content.toByteArray()[0] = 'x';
        assertThat(content.toByteArray()).isEqualTo(utf8("abc"));
    }

    private ResourceException refusal(MediaType type, byte[] bytes) {
        ResourceException refusal = catchThrowableOfType(ResourceException.class, () -> formats.of(type, bytes));
        assertThat(refusal).as("refusal of %s", type).isNotNull();
        return refusal;
    }
}
