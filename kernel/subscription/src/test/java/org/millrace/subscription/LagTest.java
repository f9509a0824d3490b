package org.millrace.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LagTest {
    private final SteppedEngine host =
            new SteppedEngine(new SubscriptionOptions(100, 10, 10, 10, 10, 1 << 20, 1, 3, 40, 100, 10, 4, 1_000, 8));

    private void put(int changes) {
        for (int i = 0; i < changes; i++) {
            host.tree.put("a/" + i, "x");
        }
    }

    @Test
    void theEngineLagsFromTheBoundOnUntilFanOutHasWorkedItOff() {
        put(3);
        assertThat(host.engine.isLagging()).isFalse();
        put(1);
        assertThat(host.engine.isLagging()).isTrue();

        host.settle();
        assertThat(host.engine.isLagging()).isFalse();
    }

    @Test
    void whoeverWaitsForFanOutIsToldWhenItHasCaughtUp() {
        List<String> told = new ArrayList<>();
        put(4);
        assertThat(host.engine.isLagging()).isTrue();
        host.engine.whenCaughtUp(() -> told.add("caught up"));
        assertThat(told).isEmpty();

        host.settle();
        assertThat(told).containsExactly("caught up");
    }

    @Test
    void theEndOfTheEngineLetsEverybodyGo() {
        List<String> told = new ArrayList<>();
        put(4);
        assertThat(host.engine.isLagging()).isTrue();
        host.engine.whenCaughtUp(() -> told.add("let go"));

        host.engine.close();

        assertThat(told).containsExactly("let go");
        assertThat(host.engine.isLagging()).isFalse();
    }
}
