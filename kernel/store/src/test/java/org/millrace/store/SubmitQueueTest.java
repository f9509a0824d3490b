package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Path;

class SubmitQueueTest {
    private final List<Submission> drained = new ArrayList<>();

    @Test
    void aFullQueueRefuses() {
        SubmitQueue queue = new SubmitQueue(3, 1 << 20);
        assertThat(queue.offer(weighing(1))).isTrue();
        assertThat(queue.offer(weighing(1))).isTrue();
        assertThat(queue.offer(weighing(1))).isTrue();
        assertThat(queue.offer(weighing(1))).isFalse();
        assertThat(queue.fill()).isEqualTo(1);
        queue.drain(drained, 1, 1 << 20);
        assertThat(queue.offer(weighing(1))).isTrue();
    }

    @Test
    void aHeavyQueueRefuses() {
        SubmitQueue queue = new SubmitQueue(100, 10_000);
        assertThat(queue.offer(weighing(4_000))).isTrue();
        assertThat(queue.offer(weighing(4_000))).isTrue();
        assertThat(queue.offer(weighing(4_000))).isFalse();
        assertThat(queue.size()).isEqualTo(2);
    }

    @Test
    void aRequestHeavierThanTheBoundIsTakenAlone() {
        SubmitQueue queue = new SubmitQueue(100, 10_000);
        assertThat(queue.offer(weighing(50_000))).isTrue();
        assertThat(queue.offer(weighing(1))).isFalse();
        queue.drain(drained, 100, 1);
        assertThat(drained).hasSize(1);
        assertThat(queue.offer(weighing(1))).isTrue();
    }

    @Test
    void aBatchIsBoundedByNumberAndByWeight() {
        SubmitQueue queue = new SubmitQueue(100, 1 << 20);
        for (int i = 0; i < 10; i++) {
            queue.offer(weighing(1_000));
        }
        queue.drain(drained, 4, 1 << 20);
        assertThat(drained).hasSize(4);
        drained.clear();
        queue.drain(drained, 100, 4_000);
        assertThat(drained).hasSize(3);
    }

    @Test
    void theWeightComesBackWhenRequestsAreTaken() {
        SubmitQueue queue = new SubmitQueue(100, 1 << 20);
        queue.offer(weighing(1_000));
        queue.offer(weighing(1_000));
        queue.drain(drained, 1, 1 << 20);
        queue.drainAll();
        assertThat(queue.bytes()).isZero();
        assertThat(queue.isEmpty()).isTrue();
    }

    private static Submission weighing(int bytes) {
        return new ExpireRequest(List.of(Path.of("x".repeat(bytes))), () -> {});
    }
}
