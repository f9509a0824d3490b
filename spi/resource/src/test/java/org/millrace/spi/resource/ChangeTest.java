package org.millrace.spi.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ChangeTest {
    private static Change deletion() {
        return Change.of(ChangeKind.DELETE, Path.of("t/1"), new Version(1, 1), new Cursor(1, 1))
                .build();
    }

    @Test
    void aSharedFormIsMadeOnce() {
        AtomicInteger made = new AtomicInteger();
        SharedForm<String> form = new SharedForm<>("text", c -> c.path() + " #" + made.incrementAndGet());
        Change change = deletion();

        assertThat(change.shared(form)).isEqualTo("t/1 #1");
        assertThat(change.shared(form)).isEqualTo("t/1 #1");
    }

    @Test
    void differentFormsLiveBesideEachOther() {
        SharedForm<String> text = new SharedForm<>("text", c -> "text");
        SharedForm<Integer> number = new SharedForm<>("number", c -> 7);
        Change change = deletion();

        assertThat(change.shared(text)).isEqualTo("text");
        assertThat(change.shared(number)).isEqualTo(7);
        assertThat(change.shared(text)).isEqualTo("text");
    }

    @Test
    void allThreadsGetTheSameForm() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            SharedForm<Object> form = new SharedForm<>("object", c -> new Object());
            Change change = deletion();
            Set<Object> seen = ConcurrentHashMap.newKeySet();
            CountDownLatch go = new CountDownLatch(1);
            Thread[] threads = new Thread[4];
            for (int i = 0; i < threads.length; i++) {
                threads[i] = Thread.ofPlatform().start(() -> {
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    seen.add(change.shared(form));
                });
            }
            go.countDown();
            for (Thread thread : threads) {
                thread.join();
            }

            assertThat(seen).hasSize(1);
        }
    }

    @Test
    void forgottenFormsAreMadeAnew() {
        AtomicInteger made = new AtomicInteger();
        SharedForm<Integer> form = new SharedForm<>("count", c -> made.incrementAndGet());
        Change change = deletion();
        change.shared(form);

        change.forgetShared();

        assertThat(change.shared(form)).isEqualTo(2);
    }

    @Test
    void aPutWithoutContentIsADefect() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Change.of(ChangeKind.PUT, Path.of("t/1"), new Version(1, 1), new Cursor(1, 1))
                        .build());
    }
}
