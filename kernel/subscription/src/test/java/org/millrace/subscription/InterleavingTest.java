package org.millrace.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Gap;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.store.StoredEntry;

/**
 * Lets writes, the fan-out thread, readers, executors and requests come in any order, writes also in the middle of
 * reads, with limits so small that everything overflows, and compares what subscribers were told with what happened.
 */
class InterleavingTest {
    private static final int ROUNDS = 4_000;
    private static final List<String> PATHS = List.of("a", "a/1", "a/2", "a/2/x", "a/3", "b/1", "b/2", "c");
    private static final List<List<String>> FILTERS = List.of(
            List.of("a/#"), List.of("#"), List.of("a/1"), List.of("+/1"), List.of("a/+", "b/#"), List.of("+/2", "a/#"));

    @Test
    void everyMissesNothingAndRepeatsNothing() {
        for (long seed = 1; seed <= ROUNDS; seed++) {
            new Round(seed, Overflow.EVERY).run();
        }
    }

    @Test
    void latestEndsWithThePresentState() {
        for (long seed = 1; seed <= ROUNDS; seed++) {
            new Round(seed, Overflow.LATEST).run();
        }
    }

    /** What one subscriber was told, and how much it asked for. */
    private static final class Told implements Subscriber {
        final List<Change> current = new ArrayList<>();
        final List<Change> live = new ArrayList<>();
        final Map<Path, Long> state = new HashMap<>();
        final List<Long> caughtUp = new ArrayList<>();
        int liveWhenCaughtUp;
        int currentWhenCaughtUp;
        int gaps;
        long requested;
        String closed = "";

        @Override
        public void onChange(Change change, Reason reason) {
            assertThat(closed).isEmpty();
            assertThat(--requested).as("demand").isNotNegative();
            (reason == Reason.CURRENT ? current : live).add(change);
            if (change.kind().removesRecord()) {
                state.remove(change.path());
            } else if (change.kind().altersRecord()) {
                state.put(change.path(), change.cursor().position());
            }
        }

        @Override
        public void onCaughtUp(Cursor at) {
            caughtUp.add(at.position());
            liveWhenCaughtUp = live.size();
            currentWhenCaughtUp = current.size();
        }

        @Override
        public void onGap(Gap gap) {
            assertThat(gap.after().position()).isLessThanOrEqualTo(gap.until().position());
            gaps++;
            state.clear();
        }

        @Override
        public void onClosed(ResourceException reason) {
            closed = reason.code().id();
        }
    }

    private static final class Round {
        private final long seed;
        private final Random random;
        private final SteppedEngine host;
        private final Overflow overflow;
        private final List<TopicFilter> filters;
        private final Start start;
        private final long since;
        private final Told told = new Told();
        private Subscription subscription;

        Round(long seed, Overflow overflow) {
            this.seed = seed;
            this.random = new Random(seed);
            this.overflow = overflow;
            this.host = new SteppedEngine(new SubscriptionOptions(
                    upTo(6), upTo(4), upTo(5), upTo(5), upTo(3), 1 << 20, 2, upTo(4), 1 << 20, 100, 4, 1_000, upTo(4),
                    upTo(12)));
            this.filters = FILTERS.get(random.nextInt(FILTERS.size())).stream()
                    .map(TopicFilter::of)
                    .toList();
            for (int i = upTo(10); i > 0; i--) {
                write();
            }
            host.tree.publish();
            long head = host.tree.publishedSeq();
            this.start = switch (random.nextInt(4)) {
                case 0 -> Start.NOW;
                case 1 -> new Start.After(new Cursor(MemoryTree.NODE, random.nextLong(head + 1)));
                default -> Start.CURRENT;
            };
            this.since = start instanceof Start.After(Cursor cursor) ? cursor.position() : head;
            this.subscription = subscribe(start);
        }

        private int upTo(int most) {
            return 1 + random.nextInt(most);
        }

        private Subscription subscribe(Start from) {
            return host.engine.subscribe(
                    new SubscribeRequest(filters, from, overflow, ""), told, host.loop, SteppedEngine.ALL);
        }

        private void write() {
            String path = PATHS.get(random.nextInt(PATHS.size()));
            ChangeKind kind = switch (random.nextInt(6)) {
                case 0 -> ChangeKind.DELETE;
                case 1 -> ChangeKind.EVENT;
                default -> ChangeKind.PUT;
            };
            host.tree.apply(kind, path, "x");
        }

        private void request(long n) {
            told.requested = told.requested + n < 0 ? Long.MAX_VALUE : told.requested + n;
            subscription.request(n);
        }

        void run() {
            try {
                host.tree.onRead(() -> {
                    if (random.nextInt(4) == 0) {
                        write();
                    }
                    if (random.nextInt(4) == 0) {
                        host.tree.publish();
                    }
                });
                for (int i = 0; i < 120; i++) {
                    step();
                }
                host.tree.onRead(() -> {});
                host.tree.publish();
                request(Long.MAX_VALUE);
                host.settle();
                assertThat(told.closed).isEmpty();
                checkAscending();
                if (overflow == Overflow.EVERY) {
                    checkEvery();
                } else {
                    checkLatest();
                }
                checkPosition();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "seed " + seed + ", " + start + ", " + filters + ", since " + since + ": " + e.getMessage(), e);
            }
        }

        private void step() {
            switch (random.nextInt(10)) {
                case 0, 1 -> write();
                case 2 -> host.tree.publish();
                case 3, 4 -> host.engine.turn();
                case 5 -> host.readers.runOne();
                case 6, 7 -> host.loop.runOne();
                case 8 -> request(upTo(3));
                default -> {
                    checkPosition();
                    if (overflow == Overflow.EVERY && !presentFirst() && random.nextInt(5) == 0) {
                        resume();
                    }
                }
            }
        }

        /** Goes away and comes back where it was. */
        private void resume() {
            Cursor position = subscription.position();
            subscription.close();
            told.requested = 0;
            told.caughtUp.clear();
            subscription = subscribe(new Start.After(position));
        }

        private boolean presentFirst() {
            return start instanceof Start.Current;
        }

        private boolean matches(Change change) {
            return filters.stream().anyMatch(filter -> filter.matches(change.path()));
        }

        private List<Change> matching(long after, long until) {
            return host.tree.changes().stream()
                    .filter(this::matches)
                    .filter(c -> c.cursor().position() > after && c.cursor().position() <= until)
                    .toList();
        }

        private void checkPosition() {
            if (overflow == Overflow.LATEST || (presentFirst() && told.caughtUp.isEmpty())) {
                return;
            }
            long position = subscription.position().position();
            long shown = told.live.isEmpty() ? 0 : told.live.getLast().cursor().position();
            assertThat(position).as("position").isGreaterThanOrEqualTo(shown);
            List<Change> skipped = matching(Math.max(shown, since), position);
            if (!presentFirst()) {
                assertThat(skipped)
                        .as("not delivered up to position %d", position)
                        .isEmpty();
            }
        }

        private void checkAscending() {
            long last = 0;
            for (Change change : told.live) {
                assertThat(change.cursor().position()).as("order").isGreaterThan(last);
                assertThat(matches(change)).isTrue();
                last = change.cursor().position();
            }
        }

        private void checkEvery() {
            assertThat(told.gaps).isZero();
            if (!presentFirst()) {
                assertThat(told.live).isEqualTo(matching(since, Long.MAX_VALUE));
                assertThat(told.caughtUp.size()).isEqualTo(start instanceof Start.Now ? told.caughtUp.size() : 1);
                if (start instanceof Start.After && told.caughtUp.size() == 1) {
                    long at = told.caughtUp.getFirst();
                    assertThat(told.live.subList(0, told.liveWhenCaughtUp)).isEqualTo(matching(since, at));
                }
                return;
            }
            assertThat(told.caughtUp).hasSize(1);
            assertThat(told.currentWhenCaughtUp).isEqualTo(told.current.size());
            assertThat(told.liveWhenCaughtUp).isZero();
            long at = told.caughtUp.getFirst();
            Map<Path, Long> shown = new HashMap<>();
            for (Change change : told.current) {
                assertThat(shown.put(change.path(), change.cursor().position()))
                        .as("shown twice")
                        .isNull();
            }
            Set<Change> live = new HashSet<>(told.live);
            Map<Path, Boolean> exists = new HashMap<>();
            Set<Path> going = new HashSet<>();
            for (Change change : host.tree.changes()) {
                if (!matches(change)) {
                    continue;
                }
                long seq = change.cursor().position();
                if (!change.kind().altersRecord()) {
                    assertThat(live.contains(change)).as("event %d", seq).isEqualTo(seq > at);
                    continue;
                }
                Long seen = shown.get(change.path());
                if (seen != null) {
                    assertThat(live.contains(change))
                            .as("change %d of a shown record", seq)
                            .isEqualTo(seq > seen);
                } else if (live.contains(change)) {
                    if (going.add(change.path()) && exists.getOrDefault(change.path(), false)) {
                        assertThat(wasRemovedAfter(seq, change.path()))
                                .as("record of %d was neither shown nor removed", seq)
                                .isTrue();
                    }
                } else {
                    assertThat(going).as("change %d is missing", seq).doesNotContain(change.path());
                }
                exists.put(change.path(), !change.kind().removesRecord());
            }
            assertThat(told.state).isEqualTo(present());
        }

        /** Whether a record may have been gone when it would have been shown. */
        private boolean wasRemovedAfter(long seq, Path path) {
            return matching(seq - 1, Long.MAX_VALUE).stream()
                    .anyMatch(c -> c.path().equals(path) && c.kind().removesRecord());
        }

        private Map<Path, Long> present() {
            Map<Path, Long> present = new HashMap<>();
            for (StoredEntry record : host.tree.records().values()) {
                if (filters.stream().anyMatch(f -> f.matches(record.entry().path()))) {
                    present.put(record.entry().path(), record.seq());
                }
            }
            return present;
        }

        private void checkLatest() {
            assertThat(told.caughtUp)
                    .hasSize((start instanceof Start.Now || told.gaps > 0 ? 0 : 1) + told.gaps + extra());
            if (presentFirst() || told.gaps > 0) {
                assertThat(told.state).isEqualTo(present());
                return;
            }
            Map<Path, Change> newest = new HashMap<>();
            Map<Path, Change> newestEvent = new HashMap<>();
            matching(since, Long.MAX_VALUE)
                    .forEach(c -> (c.kind().altersRecord() ? newest : newestEvent).put(c.path(), c));
            assertThat(told.live).containsAll(newest.values()).containsAll(newestEvent.values());
        }

        /** A start that was overtaken by a gap may have been complete before. */
        private int extra() {
            return told.gaps > 0 && told.caughtUp.size() > told.gaps ? 1 : 0;
        }
    }
}
