package org.millrace.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;

class SubscriberContractTest {
    private final SteppedEngine host = new SteppedEngine();
    private final Recorder recorder = new Recorder();

    private Subscription live(String filter, Subscriber subscriber) {
        Subscription subscription = host.every(filter, Start.NOW, subscriber);
        subscription.request(Long.MAX_VALUE);
        host.settle();
        return subscription;
    }

    @Test
    void allChangesArriveInOrder() {
        live("#", recorder);
        host.tree.put("a/1", "1");
        host.tree.event("a/1", "2");
        host.tree.delete("a/1");
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/1=1", "live a/1=2", "live a/1 gone");
    }

    @Test
    void allSubscribersAreShownTheSameObject() {
        List<Change> shown = new ArrayList<>();
        live("a/#", new Recorder().then((change, reason) -> shown.add(change)));
        live("+/1", new Recorder().then((change, reason) -> shown.add(change)));
        host.tree.put("a/1", "1");
        host.settle();

        assertThat(shown).hasSize(2);
        assertThat(shown.get(0)).isSameAs(shown.get(1));
    }

    @Test
    void aChangeThatMatchesSeveralFiltersIsDeliveredOnce() {
        Subscription subscription = host.engine.subscribe(
                SteppedEngine.request(Start.NOW, Overflow.EVERY, "a/#", "a/1", "+/1", "a/1"),
                recorder,
                host.loop,
                SteppedEngine.ALL);
        subscription.request(10);
        host.settle();
        host.tree.put("a/1", "1");
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/1=1");
    }

    @Test
    void aRunOfChangesIsOneTaskAndOneBatch() {
        Recorder first = Recorder.withBatches();
        Recorder second = Recorder.withBatches();
        live("a/#", first);
        live("a/1", second);
        live("b/#", recorder);
        int tasksBefore = host.loop.accepted();
        host.tree.put("a/1", "1");
        host.tree.put("a/2", "2");
        host.tree.put("a/1", "3");
        host.settle();

        assertThat(first.told()).containsExactly("live a/1=1", "live a/2=2", "live a/1=3", "end of batch");
        assertThat(second.told()).containsExactly("live a/1=1", "live a/1=3", "end of batch");
        assertThat(host.loop.accepted() - tasksBefore).isOne();
    }

    @Test
    void aSubscriberThatThrowsIsClosedAndOthersAreNot() {
        Recorder broken = Recorder.withBatches().then((change, reason) -> {
            throw new IllegalStateException("a defect of the test's plugin");
        });
        live("a/#", broken);
        live("a/#", recorder);
        host.tree.put("a/1", "1");
        host.tree.put("a/1", "2");
        host.settle();

        assertThat(broken.told()).containsExactly("live a/1=1", "closed internal");
        assertThat(recorder.told()).containsExactly("live a/1=1", "live a/1=2");
        assertThat(host.engine.size()).isOne();
    }

    @Test
    void aSubscriberThatThrowsWhereverItIsCalledIsClosed() {
        List<String> closed = new ArrayList<>();
        class Throwing implements Subscriber {
            private final String where;

            Throwing(String where) {
                this.where = where;
            }

            private void call(String at) {
                if (where.equals(at)) {
                    throw new NoClassDefFoundError("missing in the test's plugin");
                }
            }

            @Override
            public void onChange(Change change, Reason reason) {
                call("change");
            }

            @Override
            public void onCaughtUp(Cursor at) {
                call("caught up");
            }

            @Override
            public void onBatchEnd() {
                call("batch");
            }

            @Override
            public void onClosed(ResourceException reason) {
                closed.add(where + " " + reason.code().id());
                throw new IllegalStateException("closing fails, too");
            }
        }
        host.tree.put("a/1", "1");
        for (String where : List.of("change", "caught up", "batch")) {
            host.every("a/#", Start.CURRENT, new Throwing(where)).request(5);
        }
        host.settle();

        assertThat(closed).containsExactlyInAnyOrder("change internal", "caught up internal", "batch internal");
        assertThat(host.engine.size()).isZero();
    }

    @Test
    void afterCloseOnTheExecutorNothingIsDelivered() {
        Subscription[] subscription = new Subscription[1];
        Recorder closing = Recorder.withBatches().then((change, reason) -> subscription[0].close());
        subscription[0] = live("a/#", closing);
        closing.take();
        host.tree.put("a/1", "1");
        host.tree.put("a/1", "2");
        host.settle();
        host.tree.put("a/1", "3");
        host.settle();

        assertThat(closing.told()).containsExactly("live a/1=1");
        assertThat(host.engine.size()).isZero();
        assertThat(host.engine.count(Path.of("a/1"))).isZero();
    }

    @Test
    void closingAgainAndRequestingFromTheClosedDoNothing() {
        Subscription subscription = live("a/#", recorder);
        subscription.close();
        subscription.close();
        subscription.request(1);
        host.tree.put("a/1", "1");
        host.settle();

        assertThat(recorder.told()).isEmpty();
    }

    @Test
    void anExecutorThatRefusesTasksClosesItsSubscriptionsQuietly() {
        QueueExecutor gone = new QueueExecutor();
        for (String filter : List.of("a/#", "b/#")) {
            host.engine
                    .subscribe(
                            SteppedEngine.request(Start.NOW, Overflow.EVERY, filter), recorder, gone, SteppedEngine.ALL)
                    .request(10);
        }
        Recorder other = new Recorder();
        live("a/#", other);
        gone.shutDown();
        host.tree.put("a/1", "1");
        host.settle();

        assertThat(host.engine.size()).isOne();
        assertThat(recorder.told()).isEmpty();
        assertThat(other.told()).containsExactly("live a/1=1");
    }

    @Test
    void closingTheEngineTellsEverySubscriber() {
        live("a/#", recorder);
        Recorder waiting = new Recorder();
        host.every("a/#", Start.CURRENT, waiting);
        host.engine.close();
        host.loop.runAll();

        assertThat(recorder.told()).containsExactly("closed unavailable");
        assertThat(waiting.told()).containsExactly("closed unavailable");
        assertThatThrownBy(() -> host.every("a/#", Start.NOW, recorder))
                .isInstanceOfSatisfying(
                        ResourceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
        assertThat(host.engine.size()).isZero();
    }

    @Test
    void whatIsInFlightIsDeliveredBeforeTheEnd() {
        live("a/#", recorder);
        host.tree.put("a/1", "1");
        host.engine.turn();
        host.engine.close();
        host.loop.runAll();

        assertThat(recorder.told()).containsExactly("live a/1=1", "closed unavailable");
    }

    @Test
    void whatIsNotVisibleIsNotShownAndNotCounted() {
        host.tree.put("a/secret", "0");
        host.tree.put("a/open", "0");
        Subscription subscription = host.engine.subscribe(
                SteppedEngine.request(Start.CURRENT, Overflow.EVERY, "a/#"),
                recorder,
                host.loop,
                path -> !path.id().equals("secret"));
        subscription.request(10);
        host.settle();
        host.tree.put("a/secret", "1");
        host.tree.put("a/open", "1");
        host.engine.publishTransient(host.tree.passing("a/secret", "2"));
        host.settle();

        assertThat(recorder.told()).containsExactly("current a/open=0", "caught up 2", "live a/open=1");
        assertThat(host.engine.count(Path.of("a/secret"))).isZero();
        assertThat(host.engine.count(Path.of("a/open"))).isOne();
    }

    @Test
    void aGrantThatFailsClosesItsSubscriptionOnly() {
        Subscription subscription = host.engine.subscribe(
                SteppedEngine.request(Start.NOW, Overflow.EVERY, "a/#"), new Recorder(), host.loop, path -> {
                    throw new IllegalStateException("a defect of the test's grants");
                });
        subscription.request(10);
        live("a/#", recorder);
        host.tree.put("a/1", "1");
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/1=1");
        assertThat(host.engine.size()).isOne();
    }

    @Test
    void countTellsHowManySubscriptionsAChangeWouldReach() {
        live("a/#", recorder);
        live("a/1", recorder);
        host.engine.subscribe(
                SteppedEngine.request(Start.NOW, Overflow.EVERY, "a/1", "a/+"), recorder, host.loop, SteppedEngine.ALL);

        assertThat(host.engine.count(Path.of("a/1"))).isEqualTo(3);
        assertThat(host.engine.count(Path.of("a/1/2"))).isOne();
        assertThat(host.engine.count(Path.of("b"))).isZero();
    }

    @Test
    void thePositionIsThatOfTheLastDeliveredChange() {
        Subscription subscription = live("a/#", recorder);
        List<Long> seen = new ArrayList<>();
        recorder.then((change, reason) -> seen.add(subscription.position().position()));
        host.tree.put("a/1", "1");
        host.tree.put("b/1", "2");
        host.tree.put("a/1", "3");
        host.engine.turn();

        assertThat(subscription.position()).isEqualTo(new Cursor(MemoryTree.NODE, 0));
        host.settle();
        assertThat(seen).containsExactly(1L, 3L);
    }

    @Test
    void thePositionPassesWhatDoesNotMatch() {
        Subscription subscription = live("a/#", recorder);
        host.tree.put("b/1", "1");
        host.tree.put("b/1", "2");
        host.settle();

        assertThat(subscription.position().position()).isEqualTo(2);
    }

    @Test
    void thePositionStaysBeforeAChangeThatFoundNoDemand() {
        Subscription subscription = host.every("a/#", Start.NOW, recorder);
        subscription.request(1);
        host.settle();
        for (String path : List.of("b/1", "a/1", "b/2", "a/2", "b/3")) {
            host.tree.put(path, "x");
        }
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/1=x");
        assertThat(subscription.position().position()).isEqualTo(3);
    }
}
