package org.millrace.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.Subscription;

class LatestTest {
    private final SteppedEngine host = new SteppedEngine(
            new SubscriptionOptions(100, 10, 10, 10, 10, 1 << 20, 1, 3, 40, 100, 10, 1_000, 1_000, 8));
    private final Recorder recorder = new Recorder();

    private Subscription started(Start start, long demand) {
        Subscription subscription = host.latest("a/#", start, recorder);
        subscription.request(demand);
        host.settle();
        return subscription;
    }

    @Test
    void withDemandEveryChangeIsShown() {
        started(Start.NOW, 10);
        host.tree.put("a/1", "1");
        host.tree.put("a/1", "2");
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/1=1", "live a/1=2");
    }

    @Test
    void withoutDemandOnlyTheNewestOfEachPathIsKept() {
        Subscription subscription = started(Start.NOW, 1);
        for (int i = 1; i <= 9; i++) {
            host.tree.put("a/" + i % 3, "" + i);
            host.settle();
        }
        subscription.request(10);
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/1=1", "live a/1=7", "live a/2=8", "live a/0=9");
    }

    @Test
    void aDeletedRecordIsShownGone() {
        Subscription subscription = started(Start.NOW, 1);
        host.tree.put("a/1", "1");
        host.tree.put("a/2", "2");
        host.tree.delete("a/2");
        host.settle();
        subscription.request(10);
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/1=1", "live a/2 gone");
    }

    @Test
    void anEventDoesNotHideTheRecordOfItsPath() {
        Subscription subscription = started(Start.NOW, 1);
        host.tree.put("a/1", "1");
        host.tree.put("a/2", "2");
        host.tree.event("a/2", "ding");
        host.tree.event("a/2", "dong");
        host.settle();
        subscription.request(10);
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/1=1", "live a/2=2", "live a/2=dong");
    }

    @Test
    void demandIsUsedOldestFirstAndTheRestStaysConflated() {
        Subscription subscription = started(Start.NOW, 1);
        for (String path : new String[] {"a/1", "a/1", "a/2"}) {
            host.tree.put(path, "x");
        }
        host.settle();
        subscription.request(1);
        host.settle();
        host.tree.put("a/2", "y");
        host.settle();
        subscription.request(1);
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/1=x", "live a/1=x", "live a/2=y");
    }

    @Test
    void beyondTheLimitOfPathsThereIsAGapAndThePresentState() {
        Subscription subscription = started(Start.NOW, 1);
        for (int i = 1; i <= 6; i++) {
            host.tree.put("a/" + i, "x");
        }
        host.settle();
        host.tree.delete("a/3");
        subscription.request(100);
        host.settle();
        host.tree.put("a/1", "y");
        host.settle();

        assertThat(recorder.told())
                .containsExactly(
                        "live a/1=x",
                        "gap 1 7",
                        "current a/1=x",
                        "current a/2=x",
                        "current a/4=x",
                        "current a/5=x",
                        "current a/6=x",
                        "caught up 7",
                        "live a/1=y");
    }

    @Test
    void beyondTheLimitOfBytesThereIsAGap() {
        Subscription subscription = started(Start.NOW, 1);
        host.tree.put("a/1", "x");
        host.tree.put("a/2", "x".repeat(30));
        host.tree.put("a/3", "x".repeat(30));
        host.settle();
        subscription.request(100);
        host.settle();

        assertThat(recorder.told()).contains("gap 1 3").endsWith("caught up 3");
    }

    @Test
    void oneContentBeyondTheLimitOfBytesIsKept() {
        Subscription subscription = started(Start.NOW, 1);
        host.tree.put("a/1", "x");
        host.tree.put("a/1", "y".repeat(100));
        host.settle();
        subscription.request(100);
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/1=x", "live a/1=" + "y".repeat(100));
    }

    @Test
    void anExpiredPlaceIsAGapAndThePresentState() {
        Subscription subscription = host.latest("a/#", Start.NOW, recorder);
        for (int i = 1; i <= 20; i++) {
            host.tree.put("a/1", "" + i);
        }
        host.settle();
        host.tree.forget(10);
        subscription.request(100);
        host.settle();

        assertThat(recorder.told()).containsExactly("gap 0 20", "current a/1=20", "caught up 20");
    }

    @Test
    void thePastIsCompleteWhenItsNewestStatesAreShown() {
        for (int i = 1; i <= 20; i++) {
            host.tree.put("a/" + i % 2, "" + i);
        }
        Subscription subscription = host.latest("a/#", new Start.After(new Cursor(MemoryTree.NODE, 0)), recorder);
        subscription.request(1);
        host.settle();
        assertThat(recorder.take()).containsExactly("live a/1=1");
        subscription.request(1);
        host.settle();
        assertThat(recorder.take()).containsExactly("live a/1=19");
        subscription.request(1);
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/0=20", "caught up 20");
    }
}
