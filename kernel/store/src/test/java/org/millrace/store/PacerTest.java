package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PacerTest {
    @Test
    void anOverlayUpToHalfFullCostsNothing() {
        assertThat(Pacer.delayNanos(0, 1_000, 10_000)).isZero();
        assertThat(Pacer.delayNanos(0.5, 1_000, 10_000)).isZero();
    }

    @Test
    void atThreeQuartersTheWriterIsAsSlowAsTheApplier() {
        assertThat(Pacer.delayNanos(0.75, 1_000, 10_000)).isEqualTo(1_000 * 10_000);
    }

    @Test
    void theDelayGrowsWithTheFillAndEndsAtTwiceTheAppliersTime() {
        assertThat(Pacer.delayNanos(0.6, 1_000, 10_000)).isLessThan(Pacer.delayNanos(0.7, 1_000, 10_000));
        assertThat(Pacer.delayNanos(5, 1_000, 10_000)).isEqualTo(2 * 1_000 * 10_000);
    }

    @Test
    void recordsThatWereThereAlreadyCostNothing() {
        assertThat(Pacer.delayNanos(0.9, 0, 10_000)).isZero();
    }
}
