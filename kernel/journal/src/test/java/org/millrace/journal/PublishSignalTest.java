package org.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PublishSignalTest {
    @Test
    void aSleeperIsWoken() throws Exception {
        PublishSignal signal = new PublishSignal();
        AtomicLong published = new AtomicLong();
        CompletableFuture<Boolean> awake = CompletableFuture.supplyAsync(
                () -> signal.await(() -> published.get() > 0, TimeUnit.MINUTES.toNanos(5)));
        published.set(1);
        signal.run();
        assertThat(awake.get(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void noWakeUpIsLostHoweverTheThreadsMeet() throws Exception {
        PublishSignal signal = new PublishSignal();
        AtomicLong published = new AtomicLong();
        AtomicLong seen = new AtomicLong();
        Thread follower = Thread.ofPlatform().start(() -> {
            while (seen.get() < 20_000) {
                // Waiting for a lost wake-up would take minutes.
                signal.await(() -> published.get() > seen.get(), TimeUnit.MINUTES.toNanos(5));
                seen.set(published.get());
            }
        });
        for (long i = 1; i <= 20_000; i++) {
            published.set(i);
            signal.run();
            while (i % 7 == 0 && seen.get() < i) {
                Thread.onSpinWait();
            }
        }
        follower.join(60_000);
        assertThat(seen).hasValue(20_000);
    }

    @Test
    void awaitingEndsInTime() {
        assertThat(new PublishSignal().await(() -> false, 1_000_000)).isFalse();
    }

    @Test
    void anInterruptEndsTheWait() {
        Thread.currentThread().interrupt();
        assertThat(new PublishSignal().await(() -> false, TimeUnit.MINUTES.toNanos(5)))
                .isFalse();
        assertThat(Thread.interrupted()).isTrue();
    }
}
