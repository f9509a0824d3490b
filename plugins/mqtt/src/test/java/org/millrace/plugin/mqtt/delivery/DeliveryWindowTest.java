package org.millrace.plugin.mqtt.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeliveryWindowTest {
    @Test
    void changesAsTheyHappenGetTheWholeNumberAtOnce() {
        DeliveryWindow window = new DeliveryWindow(1_000, 4_096, false);
        assertThat(window.take()).isEqualTo(1_000);
        assertThat(window.take()).isZero();
    }

    @Test
    void thePresentStateBeginsWithAFewAndGoesOnAsSizesAllow() {
        DeliveryWindow window = new DeliveryWindow(1_000, 4_096, true);
        assertThat(window.take()).isEqualTo(16);
        window.saw(10);
        window.over(1);
        assertThat(window.take()).isEqualTo(409 - 15);
    }

    @Test
    void largeMessagesHoldDemandBackUntilTheyAreOver() {
        DeliveryWindow window = new DeliveryWindow(1_000, 4_096, true);
        window.take();
        window.saw(1_024);
        window.over(12);
        assertThat(window.take()).as("four are still under way").isZero();
        window.over(1);
        assertThat(window.take()).isEqualTo(1);
    }

    @Test
    void oneMessageIsAlwaysLetThrough() {
        DeliveryWindow window = new DeliveryWindow(10, 4_096, true);
        window.take();
        window.saw(1 << 20);
        window.over(10);
        assertThat(window.take()).isEqualTo(1);
    }

    @Test
    void manySmallMessagesAfterALargeOneOpenItAgain() {
        DeliveryWindow window = new DeliveryWindow(100, 4_096, false);
        window.take();
        window.saw(4_096);
        window.over(100);
        assertThat(window.take()).isEqualTo(1);
        for (int i = 0; i < 60; i++) {
            window.saw(20);
        }
        window.over(1);
        assertThat(window.take()).isEqualTo(100);
    }

    @Test
    void withoutPresentStateTheWholeNumberIsGivenOnceCaughtUp() {
        DeliveryWindow window = new DeliveryWindow(1_000, 4_096, true);
        assertThat(window.take()).isEqualTo(16);
        window.caughtUp();
        assertThat(window.take()).isEqualTo(984);
    }
}
