package org.millrace.spi.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VersionTest {
    @Test
    void readsItsOwnText() {
        Version version = new Version(0x0193_5b2c_3d4e_0007L, -1L);

        assertThat(Version.parse(version.toString())).isEqualTo(version);
    }

    @Test
    void theClockDecidesBeforeTheNode() {
        assertThat(new Version(2, 1)).isGreaterThan(new Version(1, 9));
        assertThat(new Version(2, 2)).isGreaterThan(new Version(2, 1));
    }

    @Test
    void clockAndNodeCompareAsUnsignedNumbers() {
        assertThat(new Version(-1L, 0)).isGreaterThan(new Version(1, 0));
        assertThat(new Version(1, -1L)).isGreaterThan(new Version(1, 1));
    }

    @Test
    void tellsTheMillisecondOfItsClock() {
        assertThat(new Version(1_700_000_000_000L << 16 | 5, 1).epochMillis()).isEqualTo(1_700_000_000_000L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "1", "1-", "-1", "x-1", "1-11111111111111111"})
    void anythingElseIsRefused(String text) {
        assertThatExceptionOfType(ResourceException.class)
                .isThrownBy(() -> Version.parse(text))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
    }
}
