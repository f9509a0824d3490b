package org.millrace.spi.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "512, 512", "512B, 512", "64KiB, 65536", "1 mib, 1048576", "4GiB, 4294967296"})
    void readsDigitsAndABinaryUnit(String text, long bytes) {
        assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1KB", "KiB", "1.5MiB", "12345678901234567890"})
    void anythingElseIsRefusedWithExamples(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ByteSize.parse(text))
                .withMessageContaining("64KiB");
    }

    @Test
    void sizesBeyondALongAreRefused() {
        assertThatException().isThrownBy(() -> ByteSize.parse("999999999999999GiB"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1000", "1KiB", "1536KiB", "2GiB", "2048GiB"})
    void readsItsOwnText(String text) {
        assertThat(ByteSize.parse(ByteSize.parse(text).toString())).isEqualTo(ByteSize.parse(text));
    }
}
