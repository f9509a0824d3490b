package org.millrace.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.Subscriber;
import org.millrace.spi.resource.Subscription;

/** The engine with its own threads, writers and executors all at work at once. */
class ThreadsTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final MemoryTree tree = new MemoryTree();
    private final ExecutorService readers = Executors.newFixedThreadPool(2);
    private final ExecutorService firstLoop = Executors.newSingleThreadExecutor();
    private final ExecutorService secondLoop = Executors.newSingleThreadExecutor();
    private final SubscriptionEngine engine = SubscriptionEngine.start(
            tree,
            tree,
            new SubscriptionOptions(64, 32, 64, 50, 16, 1 << 20, 2, 16, 1 << 20, 100, 64, 1_000, 20, 8),
            readers);

    @AfterEach
    void stop() {
        engine.close();
        readers.shutdownNow();
        firstLoop.shutdownNow();
        secondLoop.shutdownNow();
    }

    private Subscription subscribe(Start start, Overflow overflow, String filter, Subscriber to, Executor executor) {
        return engine.subscribe(SteppedEngine.request(start, overflow, filter), to, executor, SteppedEngine.ALL);
    }

    /** Counts, checks the order and asks for more as it goes. */
    private static class Follower implements Subscriber {
        final AtomicInteger received = new AtomicInteger();
        final AtomicLong last = new AtomicLong();
        final List<String> faults = Collections.synchronizedList(new ArrayList<>());
        final AtomicBoolean inCall = new AtomicBoolean();
        volatile String closed = "";

        @Override
        public void onChange(Change change, Reason reason) {
            if (!inCall.compareAndSet(false, true)) {
                faults.add("called by two threads at once");
            }
            long seq = change.cursor().position();
            if (reason == Reason.LIVE && seq <= last.getAndSet(seq)) {
                faults.add(change + " after " + last);
            }
            received.incrementAndGet();
            more();
            inCall.set(false);
        }

        void more() {}

        @Override
        public void onClosed(ResourceException reason) {
            closed = reason.code().id();
        }
    }

    private void write(int count, int paths) {
        for (int i = 0; i < count; i++) {
            tree.put("a/" + i % paths, "" + i);
        }
    }

    /** The tree keeps all changes in memory, so those who write until told to stop must leave room for the others. */
    private static void pause() {
        LockSupport.parkNanos(100_000);
    }

    @Test
    void aBlockedSubscriberDoesNotSlowOthers() throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        Follower fast = new Follower();
        Follower slow = new Follower() {
            @Override
            void more() {
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        subscribe(Start.NOW, Overflow.EVERY, "a/#", fast, firstLoop).request(Long.MAX_VALUE);
        subscribe(Start.NOW, Overflow.EVERY, "a/#", slow, secondLoop).request(Long.MAX_VALUE);
        write(5_000, 10);

        await().atMost(LONG).until(() -> fast.received.get() == 5_000);
        assertThat(slow.received.get()).isOne();
        release.countDown();
        await().atMost(LONG).until(() -> slow.received.get() == 5_000);
        assertThat(fast.faults).isEmpty();
        assertThat(slow.faults).isEmpty();
    }

    @Test
    void tenThousandSubscriptionsOfOneTopicAllHearEverything() {
        List<Follower> followers = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            Follower follower = new Follower();
            followers.add(follower);
            subscribe(Start.NOW, Overflow.EVERY, "a/0", follower, i % 2 == 0 ? firstLoop : secondLoop)
                    .request(Long.MAX_VALUE);
        }
        assertThat(engine.count(Path.of("a/0"))).isEqualTo(10_000);
        write(20, 1);

        await().atMost(LONG).untilAsserted(() -> assertThat(followers).allMatch(f -> f.received.get() == 20));
        assertThat(followers).allMatch(f -> f.faults.isEmpty());
    }

    @Test
    void thoseThatLagAndRejoinUnderLoadMissNothing() {
        List<Follower> followers = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            Random random = new Random(i);
            Subscription[] own = new Subscription[1];
            AtomicInteger open = new AtomicInteger(1);
            Follower follower = new Follower() {
                @Override
                void more() {
                    if (open.decrementAndGet() == 0) {
                        int n = 1 + random.nextInt(40);
                        open.set(n);
                        own[0].request(n);
                    }
                }
            };
            own[0] = subscribe(
                    Start.NOW,
                    Overflow.EVERY,
                    i % 3 == 0 ? "a/1" : "a/#",
                    follower,
                    i % 2 == 0 ? firstLoop : secondLoop);
            followers.add(follower);
            own[0].request(1);
        }
        write(6_000, 3);

        await().atMost(LONG).untilAsserted(() -> {
            for (int i = 0; i < followers.size(); i++) {
                assertThat(followers.get(i).received.get()).as("follower %d", i).isEqualTo(i % 3 == 0 ? 2_000 : 6_000);
            }
        });
        assertThat(followers).allMatch(f -> f.faults.isEmpty() && f.closed.isEmpty());
    }

    @Test
    void presentStateAndChangesAgreeWhileOthersWrite() throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> {
            Random random = new Random(1);
            while (!done.get()) {
                ChangeKind kind = random.nextInt(4) == 0 ? ChangeKind.DELETE : ChangeKind.PUT;
                tree.accept(kind, "a/" + random.nextInt(200), "x");
                pause();
            }
        });
        List<Map<Path, Long>> states = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                Map<Path, Long> state = Collections.synchronizedMap(new HashMap<>());
                states.add(state);
                subscribe(
                                Start.CURRENT,
                                i % 2 == 0 ? Overflow.EVERY : Overflow.LATEST,
                                "a/#",
                                new Subscriber() {
                                    @Override
                                    public void onChange(Change change, Reason reason) {
                                        if (change.kind().removesRecord()) {
                                            state.remove(change.path());
                                        } else {
                                            state.put(
                                                    change.path(),
                                                    change.cursor().position());
                                        }
                                    }

                                    @Override
                                    public void onGap(org.millrace.spi.resource.Gap gap) {
                                        state.clear();
                                    }

                                    @Override
                                    public void onClosed(ResourceException reason) {}
                                },
                                firstLoop)
                        .request(Long.MAX_VALUE);
            }
        } finally {
            done.set(true);
            writer.join();
        }
        Map<Path, Long> expected = new HashMap<>();
        tree.records().forEach((path, record) -> expected.put(path, record.seq()));

        await().atMost(LONG).untilAsserted(() -> assertThat(states).allMatch(expected::equals));
    }

    @Test
    void transientEventsOfEachPublisherStayInOrder() throws InterruptedException {
        Map<String, Integer> last = new HashMap<>();
        List<String> faults = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger received = new AtomicInteger();
        Recorder subscriber = new Recorder().then((change, reason) -> {
            int number = Integer.parseInt(change.content().map(TextContent::of).orElse("-1"));
            Integer before = last.put(change.path().toString(), number);
            if (before != null && number <= before) {
                faults.add(change.path() + " " + before + " then " + number);
            }
            received.incrementAndGet();
        });
        subscribe(Start.NOW, Overflow.EVERY, "a/#", subscriber, firstLoop).request(Long.MAX_VALUE);
        List<Thread> publishers = new ArrayList<>();
        for (int p = 0; p < 3; p++) {
            String path = "a/" + p;
            publishers.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 2_000; i++) {
                    engine.publishTransient(tree.passing(path, "" + i));
                }
            }));
        }
        for (Thread publisher : publishers) {
            publisher.join();
        }

        CountDownLatch delivered = new CountDownLatch(1);
        firstLoop.execute(() -> firstLoop.execute(delivered::countDown));
        delivered.await();
        assertThat(received.get()).isPositive();
        assertThat(faults).isEmpty();
    }

    @Test
    void subscriptionsThatComeAndGoLeaveNothingBehind() throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                write(10, 3);
                pause();
            }
        });
        try {
            Random random = new Random(7);
            for (int i = 0; i < 2_000; i++) {
                Start start = switch (i % 3) {
                    case 0 -> Start.NOW;
                    case 1 -> Start.CURRENT;
                    default -> new Start.After(new Cursor(MemoryTree.NODE, tree.publishedSeq()));
                };
                Subscription subscription = subscribe(
                        start,
                        random.nextBoolean() ? Overflow.EVERY : Overflow.LATEST,
                        random.nextBoolean() ? "a/1" : "a/#",
                        new Follower(),
                        random.nextBoolean() ? firstLoop : secondLoop);
                subscription.request(1 + random.nextInt(5));
                if (random.nextInt(10) == 0) {
                    pause();
                }
                subscription.close();
            }
        } finally {
            done.set(true);
            writer.join();
        }

        assertThat(engine.size()).isZero();
        assertThat(engine.count(Path.of("a/1"))).isZero();
        await().atMost(LONG).until(() -> engine.lag() == 0);
    }
}
