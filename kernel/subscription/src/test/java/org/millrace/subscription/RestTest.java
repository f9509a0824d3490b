package org.millrace.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;

/** Subscriptions that take nothing while more than {@code restAfter} changes, here 5, concern them. */
class RestTest {
    private final SteppedEngine host =
            new SteppedEngine(new SubscriptionOptions(100, 10, 50, 10, 10, 1 << 20, 1, 30, 400, 100, 10, 1_000, 5, 8));
    private final Recorder recorder = new Recorder();
    private int asked;

    /** A subscription that counts how often it is looked at. */
    private Subscription subscribe(Overflow overflow, long demand, String... filters) {
        Subscription subscription = host.engine.subscribe(
                new SubscribeRequest(
                        List.of(filters).stream().map(TopicFilter::of).toList(), Start.NOW, overflow, ""),
                recorder,
                host.loop,
                path -> ++asked > 0);
        subscription.request(demand);
        host.settle();
        return subscription;
    }

    private void put(int from, int to) {
        for (int i = from; i <= to; i++) {
            host.tree.put("a/" + i % 2, "" + i);
            host.settle();
        }
    }

    @Test
    void aStalledSubscriptionIsNotLookedAtAnyMore() {
        Subscription subscription = subscribe(Overflow.EVERY, 1, "a/#");
        put(1, 10);
        asked = 0;
        put(11, 100);

        assertThat(asked).isZero();
        assertThat(subscription.position().position()).isEqualTo(1);
    }

    @Test
    void aStalledSubscriptionIsShownEveryChangeOnceItHasDemand() {
        Subscription subscription = subscribe(Overflow.EVERY, 1, "a/#");
        put(1, 40);
        subscription.request(100);
        host.settle();
        put(41, 42);

        assertThat(recorder.told())
                .hasSize(42)
                .startsWith("live a/1=1", "live a/0=2")
                .endsWith("live a/0=42");
    }

    @Test
    void aLatestOneThatStallsIsNotLookedAtAnyMoreEither() {
        subscribe(Overflow.LATEST, 1, "a/#");
        put(1, 20);
        asked = 0;
        put(21, 100);

        assertThat(asked).isZero();
    }

    @Test
    void aLatestOneThatStalledIsShownTheNewestAlone() {
        Subscription subscription = subscribe(Overflow.LATEST, 1, "a/#");
        put(1, 100);
        subscription.request(100);
        host.settle();
        put(101, 102);

        assertThat(recorder.told())
                .containsExactly("live a/1=1", "live a/1=99", "live a/0=100", "live a/1=101", "live a/0=102");
    }

    @Test
    void aLatestOneStallsAndGoesOnManyTimes() {
        Subscription subscription = subscribe(Overflow.LATEST, 1, "a/#");
        int last = 0;
        for (int round = 0; round < 5; round++) {
            put(last + 1, last + 20);
            last += 20;
            recorder.take();
            subscription.request(2);
            host.settle();
            assertThat(recorder.take()).containsExactly("live a/1=" + (last - 1), "live a/0=" + last);
        }
    }

    @Test
    void aRestingSubscriptionIsCountedOnce() {
        subscribe(Overflow.EVERY, 1, "a/#");
        subscribe(Overflow.LATEST, 1, "a/+", "a/1");
        put(1, 100);

        assertThat(host.engine.count(Path.of("a/1"))).isEqualTo(2);
    }

    @Test
    void aRestingSubscriptionThatIsClosedLeavesNothingBehind() {
        Subscription subscription = subscribe(Overflow.EVERY, 1, "a/#", "b/#");
        put(1, 100);
        subscription.close();

        assertThat(host.engine.count(Path.of("a/1"))).isZero();
        assertThat(host.engine.size()).isZero();
    }

    @Test
    void anUnjournaledEventReachesOneThatHasDemandAgain() {
        Subscription subscription = subscribe(Overflow.EVERY, 1, "a/#");
        put(1, 10);
        subscription.request(100);
        host.settle();
        recorder.take();
        host.engine.publishTransient(host.tree.passing("a/1", "ding"));
        host.settle();

        assertThat(recorder.told()).contains("live a/1=ding");
    }
}
