package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Effect;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;

class MailboxTest {
    private static final MultiThreadIoEventLoopGroup LOOPS =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    private final Completions completions = new Completions(LOOPS);
    private final ManualExecutor executor = new ManualExecutor();
    private final Mailbox mailbox = completions.mailbox(executor);

    @AfterAll
    static void close() {
        LOOPS.shutdownGracefully();
    }

    private static List<Commit> commits(int position) {
        return List.of(new Commit(Path.of("t/1"), Effect.REPLACED, Version.NONE, new Cursor(1, position)));
    }

    private Completion.OfOne commit(List<Long> order, int position) {
        Completion.OfOne completion = new Completion.OfOne(mailbox);
        completion.thenAccept(commit -> order.add(commit.cursor().position()));
        completion.committed(commits(position));
        return completion;
    }

    @Test
    void aBatchOfCompletionsCostsOneTaskAndKeepsTheirOrder() {
        List<Long> order = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            commit(order, i);
        }
        assertThat(executor.tasks).isEmpty();

        completions.wakeGathered();
        assertThat(executor.tasks).hasSize(1);
        assertThat(order).isEmpty();

        executor.runAll();
        assertThat(order).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void batchesThatComeWhileATaskWaitsJoinIt() {
        List<Long> order = new ArrayList<>();
        commit(order, 1);
        completions.wakeGathered();
        commit(order, 2);
        completions.wakeGathered();

        assertThat(executor.tasks).hasSize(1);
        executor.runAll();
        assertThat(order).containsExactly(1L, 2L);
    }

    @Test
    void whatComesWhileTheTaskRunsGetsAnotherTask() {
        List<Long> order = new ArrayList<>();
        Completion.OfOne first = new Completion.OfOne(mailbox);
        first.thenAccept(commit -> {
            commit(order, 2);
            completions.wakeGathered();
            order.add(1L);
        });
        first.committed(commits(1));
        completions.wakeGathered();

        executor.runAll();

        assertThat(order).containsExactly(1L, 2L);
        assertThat(executor.count).isEqualTo(2);
    }

    @Test
    void eachMailboxIsWokenOnceABatch() {
        ManualExecutor otherExecutor = new ManualExecutor();
        Mailbox other = completions.mailbox(otherExecutor);
        for (int i = 0; i < 3; i++) {
            new Completion.OfOne(mailbox).committed(commits(i));
            new Completion.OfOne(other).committed(commits(i));
        }

        completions.wakeGathered();
        completions.wakeGathered();

        assertThat(executor.tasks).hasSize(1);
        assertThat(otherExecutor.tasks).hasSize(1);
    }

    @Test
    void aRefusalIsDeliveredWithoutTheEndOfABatch() {
        Completion.OfOne refused = new Completion.OfOne(mailbox);

        refused.refused(new ResourceException(ErrorCode.PRECONDITION_FAILED, "no"));
        executor.runAll();

        assertThat(refused).isCompletedExceptionally();
    }

    @Test
    void viewsOnOneEventLoopShareItsMailbox() {
        assertThat(completions.mailbox(LOOPS.next())).isSameAs(completions.mailbox(LOOPS.next()));
        assertThat(completions.mailbox(executor)).isNotSameAs(mailbox);
    }

    @Test
    void stagesCompleteAlsoWhenTheirExecutorHasEnded() {
        Mailbox dead = completions.mailbox(task -> {
            throw new RejectedExecutionException("ended");
        });
        Completion.OfOne completion = new Completion.OfOne(dead);

        completion.committed(commits(1));
        completions.wakeGathered();

        await().until(completion::isDone);
    }

    @Test
    void nothingIsLostBetweenAWriterAndALoop() throws InterruptedException {
        int count = 20_000;
        AtomicInteger settled = new AtomicInteger();
        AtomicInteger disorder = new AtomicInteger();
        long[] last = {0};
        try (ExecutorService loop = Executors.newSingleThreadExecutor()) {
            Mailbox busy = completions.mailbox(loop);
            Thread writer = Thread.ofPlatform().start(() -> {
                for (int i = 1; i <= count; i++) {
                    Completion.OfOne completion = new Completion.OfOne(busy);
                    completion.thenAccept(commit -> {
                        long position = commit.cursor().position();
                        disorder.addAndGet(position == last[0] + 1 ? 0 : 1);
                        last[0] = position;
                        settled.incrementAndGet();
                    });
                    completion.committed(commits(i));
                    if (i % 7 == 0) {
                        completions.wakeGathered();
                    }
                }
                completions.wakeGathered();
            });
            writer.join();

            await().until(() -> settled.get() == count);
        }
        assertThat(disorder).hasValue(0);
    }

    /** Keeps tasks until the test runs them. */
    static final class ManualExecutor implements Executor {
        final Queue<Runnable> tasks = new ArrayDeque<>();
        int count;

        @Override
        public void execute(Runnable task) {
            count++;
            tasks.add(task);
        }

        void runAll() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }
    }
}
