package org.millrace.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.Subscription;

class LiveQueryTest {
    private final SteppedEngine host =
            new SteppedEngine(new SubscriptionOptions(100, 10, 10, 10, 10, 1 << 20, 1, 3, 40, 3, 10, 5, 1_000, 8));
    private final Recorder recorder = new Recorder();

    private Subscription hot(Start start, Overflow overflow, long demand) {
        Subscription subscription = host.engine.subscribe(
                SteppedEngine.request(start, overflow, "a/#"),
                recorder,
                host.loop,
                SteppedEngine.ALL,
                (_, content) -> TextContent.of(content).startsWith("hot"));
        subscription.request(demand);
        host.settle();
        return subscription;
    }

    private void put(String path, String text) {
        host.tree.put(path, text);
        host.settle();
    }

    @Test
    void recordsEnterAreUpdatedAndLeave() {
        put("a/1", "hot 1");
        put("a/2", "cold");
        hot(Start.CURRENT, Overflow.EVERY, 100);
        put("a/2", "hot 2");
        put("a/1", "hot 3");
        put("a/1", "cold");
        put("a/1", "colder");
        host.tree.delete("a/2");
        host.tree.delete("a/1");
        host.settle();

        assertThat(recorder.told())
                .containsExactly(
                        "current a/1=hot 1",
                        "caught up 2",
                        "enter a/2=hot 2",
                        "update a/1=hot 3",
                        "leave a/1=cold",
                        "leave a/2 gone");
    }

    @Test
    void whatDoesNotMatchCostsNoDemand() {
        hot(Start.NOW, Overflow.EVERY, 1);
        put("a/1", "cold");
        put("a/1", "hot");

        assertThat(recorder.told()).containsExactly("enter a/1=hot");
    }

    @Test
    void membershipIsAsShownAlsoWhenDemandComesLate() {
        Subscription subscription = hot(Start.NOW, Overflow.EVERY, 1);
        put("a/1", "hot 1");
        put("a/1", "hot 2");
        put("a/1", "cold");
        subscription.request(10);
        host.settle();

        assertThat(recorder.told()).containsExactly("enter a/1=hot 1", "update a/1=hot 2", "leave a/1=cold");
    }

    @Test
    void conflationSkipsWhatCameAndWent() {
        Subscription subscription = hot(Start.NOW, Overflow.LATEST, 1);
        put("a/1", "hot 1");
        put("a/2", "hot 2");
        put("a/2", "cold");
        put("a/1", "hot 3");
        subscription.request(10);
        host.settle();

        assertThat(recorder.told()).containsExactly("enter a/1=hot 1", "update a/1=hot 3");
    }

    @Test
    void eventsAreShownIfTheirContentMatches() {
        hot(Start.NOW, Overflow.EVERY, 10);
        host.tree.event("a/1", "hot");
        host.tree.event("a/1", "cold");
        host.engine.publishTransient(host.tree.passing("a/1", "hot, too"));
        host.engine.publishTransient(host.tree.passing("a/1", "cold, too"));
        host.settle();

        assertThat(recorder.told()).containsExactlyInAnyOrder("live a/1=hot", "live a/1=hot, too");
    }

    @Test
    void afterACursorWhatCeasedToMatchLeavesOnceAlthoughNobodyKnowsThatItWasThere() {
        put("a/1", "hot 1");
        put("a/2", "cold");
        put("a/3", "hot 3");
        long seen = host.tree.publishedSeq();
        put("a/1", "cold");
        put("a/1", "colder");
        put("a/3", "hot 4");
        hot(new Start.After(new Cursor(host.tree.node(), seen)), Overflow.EVERY, 100);
        put("a/3", "cold");
        put("a/3", "colder");
        put("a/1", "hot 5");

        assertThat(recorder.told())
                .containsExactly(
                        "leave a/1=cold", "enter a/3=hot 4", "caught up 6", "leave a/3=cold", "enter a/1=hot 5");
    }

    @Test
    void aResultBeyondTheLimitEndsTheSubscription() {
        hot(Start.NOW, Overflow.EVERY, 10);
        for (int i = 1; i <= 4; i++) {
            put("a/" + i, "hot");
        }

        assertThat(recorder.told())
                .containsExactly("enter a/1=hot", "enter a/2=hot", "enter a/3=hot", "closed too-large");
    }

    @Test
    void aPresentStateBeyondTheLimitEndsTheSubscription() {
        for (int i = 1; i <= 4; i++) {
            put("a/" + i, "hot");
        }
        hot(Start.CURRENT, Overflow.EVERY, 10);

        assertThat(recorder.told()).endsWith("closed too-large");
        assertThat(host.engine.size()).isZero();
    }
}
