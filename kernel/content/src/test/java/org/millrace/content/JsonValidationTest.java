package org.millrace.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.millrace.content.Bytes.hex;
import static org.millrace.content.Bytes.utf8;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

class JsonValidationTest {
    private final ContentFormats formats = new ContentFormats(ContentLimits.ofSize(100_000));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "-0.0e-0",
                "1E400",
                "123456789012345678901234567890",
                "\"\\u0000\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                "\"\\ud83c\\udf7a\"",
                "\"\\\\ud800\"",
                "\"\u007f\u20ac\ud83c\udf7a\"",
                "{\"a\":1,\"a\":2}",
                "{\"\":[{}]}",
                " [ 1 , [ ] ] "
            })
    void wellFormedIsTaken(String text) {
        assertThat(formats.of(MediaType.JSON, utf8(text)).isStructured()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  ",
                "{",
                "[1",
                "[1,]",
                "[,1]",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "{'a':1}",
                "{1:1}",
                "[1 2]",
                "]",
                "01",
                "-01",
                "+1",
                ".5",
                "1.",
                "1e",
                "0x10",
                "-",
                "NaN",
                "Infinity",
                "nul",
                "True",
                "\"",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"\n\"",
                "\"\t\"",
                "/* */ 1",
                "1 // one",
                "{}{}",
                "1 2",
                "[]x",
                "\u00a01",
                "\"\u0000\""
            })
    void malformedIsRefused(String text) {
        assertThat(refusal(utf8(text)).code()).isEqualTo(ErrorCode.INVALID);
    }

    @Test
    void refusalNamesByteLineAndColumn() {
        assertThat(refusal(utf8("{\n  \"a\": tru\n}")))
                .hasMessageContaining("malformed JSON")
                .hasMessageContaining("line 2")
                .hasMessageContaining("byte 9 ");
        assertThat(refusal(utf8("{} {}"))).hasMessageContaining("byte 3").hasMessageContaining("follows the value");
        assertThat(refusal(utf8("[1,"))).message().doesNotContain("Source", "Feature", "REDACTED");
        assertThat(refusal(utf8("[NaN]"))).message().contains("'NaN'").doesNotContain("Feature", "enable");
    }

    @ParameterizedTest
    @CsvSource({
        "22 ff 22, 1", // no UTF-8 byte
        "22 c0 af 22, 1", // overlong
        "22 e0 80 80 22, 1", // overlong
        "22 ed a0 80 22, 1", // surrogate
        "22 f4 90 80 80 22, 1", // beyond U+10FFFF
        "22 61 e2 82 22, 2", // cut short
        "22 c3, 1", // cut short by the end
        "22 61 61 61 61 61 61 61 61 80 22, 9", // behind a word of ASCII
    })
    void textThatIsNotUtf8IsRefusedWithItsPlace(String bytes, int place) {
        assertThat(refusal(hex(bytes)))
                .hasMessage("malformed JSON at byte " + place + ": text is not UTF-8")
                .extracting(ResourceException::code)
                .isEqualTo(ErrorCode.INVALID);
    }

    @Test
    void otherEncodingsThanUtf8AreRefused() {
        assertThat(refusal("[1]".getBytes(StandardCharsets.UTF_16LE)).code()).isEqualTo(ErrorCode.INVALID);
        assertThat(refusal("[1]".getBytes(StandardCharsets.UTF_16BE)).code()).isEqualTo(ErrorCode.INVALID);
        assertThat(refusal("[1]".getBytes(StandardCharsets.UTF_16)).code()).isEqualTo(ErrorCode.INVALID);
        assertThat(refusal("[1]".getBytes(java.nio.charset.Charset.forName("UTF-32LE")))
                        .code())
                .isEqualTo(ErrorCode.INVALID);
    }

    @Test
    void byteOrderMarkIsRefused() {
        assertThat(refusal(utf8("\ufeff{}"))).hasMessageContaining("byte order mark");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\\ud800\"",
                "\"\\uDFFF\"",
                "\"\\ud800\\u0041\"",
                "\"\\ud800\\\\udc00\"",
                "\"\\udc00\\ud800\"",
                "{\"\\uD83C\":1}",
                "\"\\ud800\\ud800\\udc00\""
            })
    void escapesThatAreHalfACharacterAreRefused(String text) {
        assertThat(refusal(utf8(text))).hasMessageContaining("half a surrogate pair");
    }

    @Test
    void depthIsBoundedAndTheBoundItselfTaken() {
        ContentFormats shallow = new ContentFormats(new ContentLimits(1_000, 3));

        assertThat(shallow.of(MediaType.JSON, utf8("[{\"a\":[]}]")).isStructured())
                .isTrue();
        ResourceException refusal =
                catchThrowableOfType(ResourceException.class, () -> shallow.of(MediaType.JSON, utf8("[{\"a\":[[]]}]")));
        assertThat(refusal.code()).isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(refusal).hasMessageContaining("(3)").message().doesNotContain("StreamReadConstraints");
    }

    @Test
    void numbersOfTooManyDigitsAreRefused() {
        assertThat(formats.of(MediaType.JSON, utf8("9".repeat(1_000))).isStructured())
                .isTrue();
        assertThat(refusal(utf8("9".repeat(2_000))).code()).isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(refusal(utf8("[0." + "9".repeat(2_000) + "]")).code()).isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void longNamesAndTextsAreTaken() {
        String text = "{\"" + "n".repeat(60_000) + "\":\"" + "t".repeat(30_000) + "\"}";

        assertThat(formats.of(MediaType.JSON, utf8(text)).as(MediaType.CBOR).size())
                .isGreaterThan(90_000);
    }

    private ResourceException refusal(byte[] bytes) {
        ResourceException refusal =
                catchThrowableOfType(ResourceException.class, () -> formats.of(MediaType.JSON, bytes));
        assertThat(refusal)
                .as("refusal of %s", new String(bytes, StandardCharsets.UTF_8))
                .isNotNull();
        return refusal;
    }
}
