package org.millrace.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.Subscription;

class StartTest {
    private final SteppedEngine host = new SteppedEngine();
    private final Recorder recorder = new Recorder();

    private static Start after(long seq) {
        return new Start.After(new Cursor(MemoryTree.NODE, seq));
    }

    private void refused(Start start, ErrorCode code) {
        assertThatThrownBy(() -> host.every("a/#", start, recorder))
                .isInstanceOfSatisfying(
                        ResourceException.class, e -> assertThat(e.code()).isEqualTo(code));
        assertThat(host.engine.size()).isZero();
    }

    @Test
    void nowShowsWhatIsPublishedAfterSubscribing() {
        host.tree.put("a/1", "before");
        Subscription subscription = host.every("a/#", Start.NOW, recorder);
        host.tree.put("a/1", "between");
        subscription.request(10);
        host.tree.put("a/1", "after");
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/1=between", "live a/1=after");
    }

    @Test
    void nowDoesNotShowWhatFanOutHasYetToFollow() {
        host.engine.turn();
        host.tree.put("a/1", "acknowledged, not yet fanned out");
        host.every("a/#", Start.NOW, recorder).request(10);
        host.settle();

        assertThat(recorder.told()).isEmpty();
    }

    @Test
    void currentShowsTheStateThenWhatFollows() {
        host.tree.put("a/1", "1");
        host.tree.put("a/2", "2");
        host.tree.put("b/1", "3");
        host.tree.put("a/3", "4");
        host.tree.delete("a/3");
        host.every("a/#", Start.CURRENT, recorder).request(10);
        host.settle();
        host.tree.put("a/2", "5");
        host.settle();

        assertThat(recorder.told()).containsExactly("current a/1=1", "current a/2=2", "caught up 5", "live a/2=5");
    }

    @Test
    void currentOfAnExactFilterReadsOneRecord() {
        host.tree.put("a/1", "1");
        host.tree.put("a/1/x", "2");
        host.every("a/1", Start.CURRENT, recorder).request(10);
        host.settle();

        assertThat(recorder.told()).containsExactly("current a/1=1", "caught up 2");
    }

    @Test
    void currentOfAHashShowsTheParentButNotItsNeighbours() {
        for (String path : new String[] {"sport", "sport-x", "sport!/1", "sport/", "sport/1", "sport0"}) {
            host.tree.put(path, "x");
        }
        host.every("sport/#", Start.CURRENT, recorder).request(10);
        host.settle();

        assertThat(recorder.told())
                .containsExactly("current sport=x", "current sport/=x", "current sport/1=x", "caught up 6");
    }

    @Test
    void currentOfALeadingWildcardLeavesTheSystemOut() {
        host.tree.put("!a/t", "x");
        host.tree.put("$sys/t", "x");
        host.tree.put("a/t", "x");
        host.tree.put("a/u", "x");
        host.every("+/t", Start.CURRENT, recorder).request(10);
        host.settle();

        assertThat(recorder.told()).containsExactly("current !a/t=x", "current a/t=x", "caught up 4");
    }

    @Test
    void aRecordThatSeveralFiltersSelectIsShownOnce() {
        host.tree.put("a/1", "x");
        host.tree.put("a/2", "x");
        host.engine
                .subscribe(
                        SteppedEngine.request(Start.CURRENT, Overflow.EVERY, "a/1", "a/+", "+/2"),
                        recorder,
                        host.loop,
                        SteppedEngine.ALL)
                .request(10);
        host.settle();

        assertThat(recorder.told()).containsExactly("current a/1=x", "current a/2=x", "caught up 2");
    }

    @Test
    void caughtUpNeedsNoDemand() {
        host.tree.put("a/1", "1");
        host.every("a/#", Start.CURRENT, recorder).request(1);
        host.settle();

        assertThat(recorder.told()).containsExactly("current a/1=1", "caught up 1");
    }

    @Test
    void currentOfNothingIsCaughtUpAtOnce() {
        host.every("a/#", Start.CURRENT, recorder).request(1);
        host.settle();

        assertThat(recorder.told()).containsExactly("caught up 0");
    }

    @Test
    void aRecordDeletedDuringTheScanDoesNotReappear() {
        host.tree.put("a/1", "1");
        host.tree.put("a/2", "2");
        Subscription subscription = host.every("a/#", Start.CURRENT, recorder);
        subscription.request(1);
        host.settle();
        host.tree.put("a/2", "3");
        host.tree.delete("a/2");
        subscription.request(10);
        host.settle();

        assertThat(recorder.told()).containsExactly("current a/1=1", "caught up 2");
    }

    @Test
    void eventsDuringTheScanFollowIt() {
        host.tree.put("a/1", "1");
        host.tree.put("a/2", "2");
        Subscription subscription = host.every("a/#", Start.CURRENT, recorder);
        subscription.request(1);
        host.settle();
        host.tree.event("a/2", "ding");
        subscription.request(10);
        host.settle();

        assertThat(recorder.told()).containsExactly("current a/1=1", "current a/2=2", "caught up 2", "live a/2=ding");
    }

    @Test
    void eventsBeforeTheFirstDemandFollowThePresentState() {
        host.tree.put("a/1", "1");
        Subscription subscription = host.every("a/#", Start.CURRENT, recorder);
        host.tree.event("a/1", "ding");
        host.tree.put("a/2", "2");
        host.settle();
        subscription.request(10);
        host.settle();

        assertThat(recorder.told()).containsExactly("current a/1=1", "current a/2=2", "caught up 1", "live a/1=ding");
    }

    @Test
    void afterACursorShowsThePastThenWhatFollows() {
        for (int i = 1; i <= 4; i++) {
            host.tree.put("a/1", "" + i);
        }
        host.every("a/#", after(2), recorder).request(10);
        host.settle();
        host.tree.put("a/1", "5");
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/1=3", "live a/1=4", "caught up 4", "live a/1=5");
    }

    @Test
    void afterTheHeadIsCaughtUpAtOnce() {
        host.tree.put("a/1", "1");
        host.every("a/#", after(1), recorder).request(1);
        host.settle();

        assertThat(recorder.told()).containsExactly("caught up 1");
    }

    @Test
    void aCursorOfAnotherNodeIsInvalid() {
        refused(new Start.After(new Cursor(1, 0)), ErrorCode.INVALID);
    }

    @Test
    void aCursorThatRetentionPassedIsRefused() {
        for (int i = 1; i <= 4; i++) {
            host.tree.put("a/1", "" + i);
        }
        host.tree.forget(2);

        refused(after(1), ErrorCode.EXPIRED_CURSOR);
        host.every("a/#", after(2), recorder).request(10);
        host.settle();
        assertThat(recorder.told()).containsExactly("live a/1=3", "live a/1=4", "caught up 4");
    }

    @Test
    void aCursorAheadOfTheJournalIsRefused() {
        refused(after(1), ErrorCode.EXPIRED_CURSOR);
    }

    @Test
    void aSubscriberThatRetentionOvertakesIsClosed() {
        Subscription subscription = host.every("a/#", Start.NOW, recorder);
        subscription.request(1);
        host.settle();
        for (int i = 1; i <= 4; i++) {
            host.tree.put("a/1", "" + i);
        }
        host.settle();
        host.tree.forget(3);
        subscription.request(10);
        host.settle();

        assertThat(recorder.told()).containsExactly("live a/1=1", "closed expired-cursor");
        assertThat(host.engine.size()).isZero();
    }

    @Test
    void fanOutThatRetentionOvertakesTellsThoseItKeptUpToDate() {
        Recorder dashboard = new Recorder();
        host.every("a/#", Start.NOW, recorder).request(100);
        host.latest("a/#", Start.NOW, dashboard).request(100);
        host.settle();
        for (int i = 1; i <= 4; i++) {
            host.tree.put("a/1", "" + i);
        }
        host.tree.forget(3);
        host.settle();
        host.tree.put("a/1", "5");
        host.settle();

        assertThat(recorder.told()).containsExactly("closed expired-cursor");
        assertThat(dashboard.told()).containsExactly("gap 0 4", "current a/1=4", "caught up 4", "live a/1=5");
        assertThat(host.engine.lag()).isZero();
    }

    @Test
    void aQueryWithoutItsConditionIsRefused() {
        var request = SteppedEngine.request(Start.NOW, Overflow.EVERY, "a/#");
        var query = new org.millrace.spi.resource.SubscribeRequest(
                request.filters(), request.start(), request.overflow(), "temp=gt=30");

        assertThatThrownBy(() -> host.engine.subscribe(query, recorder, host.loop, SteppedEngine.ALL))
                .isInstanceOfSatisfying(
                        ResourceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED));
    }
}
