package org.millrace.host.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OncePerMinuteTest {
    private final AtomicLong now = new AtomicLong(-5);
    private final OncePerMinute limit = new OncePerMinute(now::get);

    @Test
    void theFirstEventIsToldAndTheNextAreCountedUntilTheMinuteIsOver() {
        assertThat(limit.countAndTake()).isEqualTo(1);
        assertThat(limit.countAndTake()).isZero();
        assertThat(limit.countAndTake()).isZero();
        now.addAndGet(Duration.ofMinutes(1).toNanos());
        assertThat(limit.countAndTake()).isEqualTo(3);
        assertThat(limit.countAndTake()).isZero();
    }
}
