package org.millrace.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.Subscription;

class TransientEventTest {
    private final SteppedEngine host =
            new SteppedEngine(new SubscriptionOptions(100, 10, 10, 10, 10, 1 << 20, 1, 3, 40, 100, 2, 1_000, 1_000, 8));
    private final Recorder recorder = new Recorder();

    private void publish(String path, String text) {
        host.engine.publishTransient(host.tree.passing(path, text));
    }

    @Test
    void anEventReachesThoseThatMatchAndHaveDemand() {
        Recorder other = new Recorder();
        host.every("a/#", Start.NOW, recorder).request(2);
        host.every("b/#", Start.NOW, other).request(2);
        publish("a/1", "1");
        publish("a/1", "2");
        publish("a/1", "3");
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/1=1", "live a/1=2");
        assertThat(other.told()).isEmpty();
    }

    @Test
    void aRequestIsEnoughToReceiveThoughFanOutHasNotTurnedYet() {
        host.every("a/#", Start.NOW, recorder).request(1);
        publish("a/1", "at once");
        host.loop.runAll();

        assertThat(recorder.told()).containsExactly("live a/1=at once");
    }

    @Test
    void eventsOfOneTurnAreOneTaskPerExecutor() {
        QueueExecutor second = new QueueExecutor();
        for (QueueExecutor loop : new QueueExecutor[] {host.loop, second}) {
            for (int i = 0; i < 3; i++) {
                host.engine
                        .subscribe(
                                SteppedEngine.request(Start.NOW, Overflow.EVERY, "a/#"),
                                recorder,
                                loop,
                                SteppedEngine.ALL)
                        .request(100);
            }
        }
        host.settle();
        int before = host.loop.accepted();
        for (int i = 0; i < 10; i++) {
            publish("a/1", "" + i);
        }

        assertThat(host.loop.accepted() - before).isOne();
        assertThat(second.accepted()).isOne();
        host.settle();
        second.runAll();
        assertThat(recorder.told()).hasSize(60);
    }

    @Test
    void anEventThatMatchesSeveralFiltersIsDeliveredOnce() {
        host.engine
                .subscribe(
                        SteppedEngine.request(Start.NOW, Overflow.EVERY, "a/#", "a/1"),
                        recorder,
                        host.loop,
                        SteppedEngine.ALL)
                .request(10);
        publish("a/1", "1");
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/1=1");
    }

    @Test
    void eventsBeforeThePresentStateIsCompleteFollowItAsFarAsTheyAreKept() {
        host.tree.put("a/1", "state");
        host.every("a/#", Start.CURRENT, recorder).request(10);
        publish("a/1", "1");
        publish("a/1", "2");
        publish("a/1", "beyond the limit of two");
        host.settle();
        publish("a/1", "4");
        host.settle();

        assertThat(recorder.told())
                .containsExactly("current a/1=state", "caught up 1", "live a/1=1", "live a/1=2", "live a/1=4");
    }

    @Test
    void anEventDoesNotMoveThePosition() {
        Subscription subscription = host.every("a/#", Start.NOW, recorder);
        subscription.request(1);
        host.settle();
        host.tree.put("a/1", "1");
        host.tree.put("a/1", "2");
        host.settle();
        subscription.request(1);
        publish("a/1", "passing");
        host.loop.runAll();

        assertThat(recorder.told()).containsExactly("live a/1=1", "live a/1=passing");
        assertThat(subscription.position().position()).isOne();
    }
}
