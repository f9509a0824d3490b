package org.millrace.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

class JsonPointerTest {
    /** RFC 6901 section 5. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "/foo,foo",
                "/,``",
                "/a~1b,a/b",
                "/c%d,c%d",
                "/e^f,e^f",
                "/g|h,g|h",
                "/i\\j,i\\j",
                "/k\"l,k\"l",
                "/ ,` `",
                "/m~0n,m~n",
                "/~01,~1"
            })
    void examplesOfTheRfcAreReadAndWrittenBack(String text, String name) {
        String pointer = text.equals("/") && name.equals(" ") ? "/ " : text;
        assertThat(JsonPointer.parse(pointer).tokens()).hasSize(1);
        assertThat(JsonPointer.parse(pointer).toString()).isEqualTo(pointer);
        if (!name.isBlank()) {
            assertThat(JsonPointer.parse(pointer).last()).isEqualTo(name);
        }
    }

    @Test
    void nestedAndEmptyNamesAreKept() {
        assertThat(JsonPointer.parse("").isRoot()).isTrue();
        assertThat(JsonPointer.parse("/foo/0").tokens()).isEqualTo(List.of("foo", "0"));
        assertThat(JsonPointer.parse("//a//").tokens()).isEqualTo(List.of("", "a", "", ""));
    }

    @Test
    void indexesAreDigitsWithoutLeadingZeros() {
        assertThat(JsonPointer.index("0")).isZero();
        assertThat(JsonPointer.index("10")).isEqualTo(10);
        for (String none : List.of("", "01", "-1", "+1", "1e0", "-", "a", "1 ", "\u0661", "99999999999")) {
            assertThat(JsonPointer.index(none)).as(none).isEqualTo(-1);
        }
    }

    @Test
    void deeperThanAnyContentIsRefused() {
        ResourceException refusal =
                catchThrowableOfType(ResourceException.class, () -> JsonPointer.parse("/a".repeat(1_001)));

        assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID);
        assertThat(JsonPointer.parse("/a".repeat(1_000)).tokens()).hasSize(1_000);
    }
}
