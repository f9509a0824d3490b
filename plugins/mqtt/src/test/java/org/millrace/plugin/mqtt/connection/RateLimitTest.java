package org.millrace.plugin.mqtt.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @Test
    void withoutALimitEverythingIsAllowed() {
        RateLimit none = new RateLimit(0, 0);
        for (int i = 0; i < 1_000; i++) {
            assertThat(none.allow(0)).isTrue();
            assertThat(none.count(0)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 10, Long.MIN_VALUE + 10})
    void aSecondsWorthMayComeAtOnceAndThenOneAtATime(long start) {
        RateLimit ten = new RateLimit(10, start);
        for (int i = 0; i < 10; i++) {
            assertThat(ten.allow(start)).isTrue();
        }
        assertThat(ten.allow(start)).isFalse();
        assertThat(ten.allow(start + SECOND / 10)).isTrue();
        assertThat(ten.allow(start + SECOND / 10)).isFalse();
        assertThat(ten.isIdle(start + SECOND / 10)).isFalse();
        assertThat(ten.isIdle(start + 3 * SECOND)).isTrue();
    }

    @Test
    void whatIsCountedBeyondTheLimitIsWaitedFor() {
        RateLimit ten = new RateLimit(10, 0);
        for (int i = 0; i < 10; i++) {
            assertThat(ten.count(0)).isZero();
        }
        assertThat(ten.count(0)).isEqualTo(SECOND / 10);
        assertThat(ten.count(0)).isEqualTo(2 * SECOND / 10);
        assertThat(ten.count(2 * SECOND)).isZero();
    }

    @Test
    void refusedActsDoNotCount() {
        RateLimit one = new RateLimit(1, 0);
        assertThat(one.allow(0)).isTrue();
        for (int i = 0; i < 100; i++) {
            assertThat(one.allow(SECOND / 2)).isFalse();
        }
        assertThat(one.allow(SECOND)).isTrue();
    }
}
