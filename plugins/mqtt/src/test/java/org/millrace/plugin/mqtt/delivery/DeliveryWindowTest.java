package org.millrace.plugin.mqtt.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeliveryWindowTest {
    @Test
    void changesAsTheyHappenGetTheWholeNumberAtOnce() {
        DeliveryWindow window = open(1_000, 4_096, false);
        assertThat(window.give()).isEqualTo(1_000);
        assertThat(window.give()).isZero();
    }

    @Test
    void thePresentStateBeginsWithAFewAndGoesOnAsSizesAllow() {
        DeliveryWindow window = open(1_000, 4_096, true);
        assertThat(window.give()).isEqualTo(16);
        window.took(10);
        over(window, 1);
        assertThat(window.give()).isEqualTo(409 - 15);
    }

    @Test
    void largeMessagesHoldDemandBackUntilTheyAreOver() {
        DeliveryWindow window = open(1_000, 4_096, true);
        window.give();
        window.took(1_024);
        over(window, 12);
        assertThat(window.give()).as("four are still under way").isZero();
        over(window, 1);
        assertThat(window.give()).isEqualTo(1);
    }

    @Test
    void oneMessageIsAlwaysLetThrough() {
        DeliveryWindow window = open(10, 4_096, true);
        window.give();
        window.took(1 << 20);
        over(window, 10);
        assertThat(window.give()).isEqualTo(1);
    }

    @Test
    void manySmallMessagesAfterALargeOneOpenItAgain() {
        DeliveryWindow window = open(100, 4_096, false);
        window.give();
        window.took(4_096);
        over(window, 100);
        assertThat(window.give()).isEqualTo(1);
        for (int i = 0; i < 60; i++) {
            window.took(20);
        }
        over(window, 1);
        assertThat(window.give()).isEqualTo(100);
    }

    @Test
    void withoutPresentStateTheWholeNumberIsGivenOnceCaughtUp() {
        DeliveryWindow window = open(1_000, 4_096, true);
        assertThat(window.give()).isEqualTo(16);
        window.caughtUp();
        assertThat(window.give()).isEqualTo(984);
    }

    private static DeliveryWindow open(long most, long bytes, boolean present) {
        DeliveryWindow window = new DeliveryWindow();
        window.open(most, bytes, present);
        return window;
    }

    private static void over(DeliveryWindow window, int messages) {
        for (int i = 0; i < messages; i++) {
            window.over();
        }
    }
}
