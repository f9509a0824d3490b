package org.millrace.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.Subscription;

class DemandTest {
    private final SteppedEngine host = new SteppedEngine();
    private final Recorder recorder = new Recorder();

    @Test
    void nothingIsDeliveredBeforeTheFirstRequest() {
        host.tree.put("a/1", "x");
        host.every("a/#", Start.CURRENT, recorder);
        host.every("a/#", Start.NOW, recorder);
        host.tree.put("a/2", "y");
        host.settle();

        assertThat(recorder.told()).isEmpty();
    }

    @Test
    void exactlyWhatWasRequestedIsDelivered() {
        Subscription subscription = host.every("a/#", Start.NOW, recorder);
        subscription.request(3);
        for (int i = 1; i <= 10; i++) {
            host.tree.put("a/" + i, "x");
        }
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/1=x", "live a/2=x", "live a/3=x");
    }

    @Test
    void demandAddsUpAndDeliveryGoesOnWhereItHalted() {
        Subscription subscription = host.every("a/#", Start.NOW, recorder);
        for (int i = 1; i <= 10; i++) {
            host.tree.put("a/" + i, "x");
        }
        subscription.request(1);
        host.settle();
        subscription.request(1);
        subscription.request(2);
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/1=x", "live a/2=x", "live a/3=x", "live a/4=x");
    }

    @Test
    void theLargestDemandHasNoLimit() {
        Subscription subscription = host.every("a/#", Start.NOW, recorder);
        subscription.request(Long.MAX_VALUE);
        subscription.request(Long.MAX_VALUE);
        for (int i = 1; i <= 5_000; i++) {
            host.tree.put("a/1", "x");
        }
        host.settle();

        assertThat(recorder.told()).hasSize(5_000);
    }

    @Test
    void aDemandBelowOneIsRefused() {
        Subscription subscription = host.every("a/#", Start.NOW, recorder);

        assertThatThrownBy(() -> subscription.request(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> subscription.request(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void moreMayBeRequestedWhileAChangeIsDelivered() {
        Subscription[] subscription = new Subscription[1];
        recorder.then((change, reason) -> subscription[0].request(1));
        subscription[0] = host.every("a/#", Start.CURRENT, recorder);
        host.tree.put("a/1", "1");
        subscription[0].request(1);
        host.settle();
        for (int i = 2; i <= 100; i++) {
            host.tree.put("a/1", "" + i);
        }
        host.settle();

        assertThat(recorder.told()).hasSize(101).endsWith("live a/1=99", "live a/1=100");
    }

    @Test
    void whateverIsRequestedOnlyAWindowWaitsForTheExecutor() {
        Subscription subscription = host.every("a/#", Start.NOW, recorder);
        subscription.request(Long.MAX_VALUE);
        host.engine.turn();
        int window = SubscriptionOptions.DEFAULTS.maxInFlight();
        for (int i = 1; i <= 3 * window; i++) {
            host.tree.put("a/1", "" + i);
        }
        while (host.engine.turn() | host.readers.runAll()) {}
        host.loop.runOne();

        assertThat(recorder.told()).hasSize(window);
        host.settle();
        assertThat(recorder.told()).hasSize(3 * window).endsWith("live a/1=" + 3 * window);
    }

    @Test
    void whatDoesNotMatchCostsNoDemand() {
        Subscription subscription = host.every("a/+/x", Start.NOW, recorder);
        subscription.request(1);
        host.tree.put("b/1/x", "no");
        host.tree.put("a/1/y", "no");
        host.tree.put("a/1/x", "yes");
        host.settle();

        assertThat(recorder.told()).isEqualTo(List.of("live a/1/x=yes"));
    }
}
