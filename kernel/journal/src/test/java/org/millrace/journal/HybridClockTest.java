package org.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;

class HybridClockTest {
    private static final long NOW = 1_700_000_000_000L;
    private static final Clock STOPPED = Clock.fixed(Instant.ofEpochMilli(NOW), ZoneOffset.UTC);

    @Test
    void eachReadingIsGreaterThoughTheMachinesClockStands() {
        HybridClock clock = new HybridClock(STOPPED, 0);
        long before = 0;
        for (int i = 0; i < 200_000; i++) {
            long next = clock.next();
            assertThat(next > before).isTrue();
            before = next;
        }
    }

    @Test
    void itTellsTheMachinesTime() {
        assertThat(new Version(new HybridClock(STOPPED, 0).next(), 1).epochMillis())
                .isEqualTo(NOW);
    }

    @Test
    void itIsNeverBehindWhatItStartedWith() {
        long later = (NOW + 5_000) << 16;
        assertThat(new HybridClock(STOPPED, later).next()).isEqualTo(later + 1);
    }

    @Test
    void itFollowsAnObservedClock() {
        HybridClock clock = new HybridClock(STOPPED, 0);
        long remote = ((NOW + 30_000) << 16) + 7;
        clock.observe(remote);
        assertThat(clock.next()).isEqualTo(remote + 1);
        clock.observe(1);
        assertThat(clock.next()).isEqualTo(remote + 2);
    }

    @Test
    void aClockFarInTheFutureIsRefused() {
        HybridClock clock = new HybridClock(STOPPED, 0);
        long remote = (NOW + HybridClock.MAX_AHEAD.toMillis() + 1) << 16;
        assertThatThrownBy(() -> clock.observe(remote))
                .isInstanceOfSatisfying(
                        ResourceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
        assertThatThrownBy(() -> clock.observe(-1L)).isInstanceOf(ResourceException.class);
        assertThat(clock.next() >>> 16).isEqualTo(NOW);
    }

    @Test
    void threadsNeverShareAReading() {
        HybridClock clock = new HybridClock(STOPPED, 0);
        assertThat(LongStream.range(0, 100_000)
                        .parallel()
                        .map(i -> clock.next())
                        .distinct()
                        .count())
                .isEqualTo(100_000);
    }
}
