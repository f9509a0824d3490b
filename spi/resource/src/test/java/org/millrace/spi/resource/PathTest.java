package org.millrace.spi.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sensors/hall/1 | sensors | hall/1",
                "alarm          | alarm   | ''",
                "alarm/         | alarm   | ''",
                "/a             | ''      | a",
                "a//b           | a       | /b",
                "$sys/health    | $sys    | health"
            })
    void theTableIsTheFirstLevelAndTheIdIsTheRest(String text, String table, String id) {
        Path path = Path.of(text);

        assertThat(path.table()).isEqualTo(table);
        assertThat(path.id()).isEqualTo(id);
        assertThat(path).hasToString(text);
    }

    @Test
    void aPathOfOneLevelDiffersFromTheSameWithASlash() {
        assertThat(Path.of("alarm")).isNotEqualTo(Path.of("alarm/"));
        assertThat(Path.of("/a")).isNotEqualTo(Path.of("a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", " ", "a b/c d", "ä/ö", "a/\ud83d\ude00", "..", "a/./b", "\u0001"})
    void everyLegalTopicIsALegalPath(String text) {
        assertThat(Path.of(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/+", "a/#", "a+b", "a\u0000b", "a/\ud800", "\udc00b"})
    void whatIsNoTopicNameIsRefusedAsInvalid(String text) {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> Path.of(text))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
    }

    @Test
    void theRefusalOfAWildcardNamesThePathAndThePosition() {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> Path.of("a/+/b"))
                .withMessageContaining("'a/+/b'")
                .withMessageContaining("position 2");
    }

    @Test
    void lengthIsCountedInBytesOfUtf8() {
        assertThat(Path.of("ä".repeat(32_767)).utf8()).hasSize(65_534);
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> Path.of("ä".repeat(32_768)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE));
    }

    @Test
    void aTableNameMustNotHoldASlash() {
        assertThatExceptionOfType(ResourceException.class).isThrownBy(() -> Path.of("a/b", "c"));
    }

    @Test
    void theOrderIsThatOfTheBytesOfUtf8() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            String a = randomText(random);
            String b = randomText(random);
            int byBytes =
                    Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

            assertThat(Integer.signum(Path.of(a).compareTo(Path.of(b))))
                    .as("seed %d: '%s' and '%s'", seed, a, b)
                    .isEqualTo(Integer.signum(byBytes));
        }
    }

    private static String randomText(Random random) {
        int[] alphabet = {'a', '/', 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff};
        StringBuilder text = new StringBuilder();
        int length = 1 + random.nextInt(4);
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(alphabet[random.nextInt(alphabet.length)]);
        }
        return text.toString();
    }
}
