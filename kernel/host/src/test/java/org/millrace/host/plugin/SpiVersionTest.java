package org.millrace.host.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SpiVersionTest {
    @Test
    void aMinorVersionIsEnoughIfItIsAtLeastTheRequiredOne() {
        SpiVersion offered = SpiVersion.parse("1.4");
        assertThat(offered.satisfies(SpiVersion.parse("1.4"))).isTrue();
        assertThat(offered.satisfies(SpiVersion.parse("1.2"))).isTrue();
        assertThat(offered.satisfies(SpiVersion.parse("1.5"))).isFalse();
        assertThat(offered.satisfies(SpiVersion.parse("2.0"))).isFalse();
        assertThat(offered.satisfies(SpiVersion.parse("0.4"))).isFalse();
    }

    @Test
    void beforeTheFirstMajorVersionEveryMinorOneStandsAlone() {
        SpiVersion offered = SpiVersion.parse("0.3");
        assertThat(offered.satisfies(SpiVersion.parse("0.3"))).isTrue();
        assertThat(offered.satisfies(SpiVersion.parse("0.2"))).isFalse();
        assertThat(offered.satisfies(SpiVersion.parse("0.4"))).isFalse();
    }

    @Test
    void whatIsNoVersionIsRefused() {
        assertThatThrownBy(() -> SpiVersion.parse("1")).hasMessageContaining("'1' is no SPI version");
        assertThatThrownBy(() -> SpiVersion.parse("1.2.3")).hasMessageContaining("is no SPI version");
    }
}
