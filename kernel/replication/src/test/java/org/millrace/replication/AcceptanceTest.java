package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When an operator is told that a stream takes nothing. */
class AcceptanceTest {
    private long now;
    private final Acceptance acceptance = new Acceptance("S", () -> now);

    @Test
    void aStreamThatRefusesForAWhileIsToldWithTheLastReason() {
        acceptance.failed(new IllegalStateException("no leader"));
        assertThat(acceptance.inWords()).isEmpty();
        pass(9);
        assertThat(acceptance.inWords()).isEmpty();
        acceptance.failed(new CompletionException(new IllegalStateException("no majority")));
        pass(1);
        assertThat(acceptance.inWords().orElseThrow()).contains("stream S", "no majority", "NATS servers");
    }

    @Test
    void aStreamThatTakesSomethingBetweenIsNot() {
        acceptance.failed(new IllegalStateException("no leader"));
        pass(8);
        acceptance.taken();
        acceptance.failed(new IllegalStateException("no leader"));
        pass(8);
        assertThat(acceptance.inWords()).isEmpty();
        pass(2);
        assertThat(acceptance.inWords()).isPresent();
        acceptance.taken();
        assertThat(acceptance.inWords()).isEmpty();
    }

    @Test
    void aFailureWithoutWordsIsToldByItsKind() {
        acceptance.failed(new java.util.concurrent.TimeoutException());
        pass(11);
        assertThat(acceptance.inWords().orElseThrow()).contains("TimeoutException");
    }

    private void pass(long seconds) {
        now += TimeUnit.SECONDS.toNanos(seconds);
    }
}
