package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is kept of the journal for the clients of other nodes. */
class ForeignHoldsTest {
    private static final long LASTING = 10_000;

    private final ForeignCursors cursors = new ForeignCursors(1);
    private long now = 1_000_000;

    private final Clock clock = new Clock() {
        @Override
        public java.time.ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(now);
        }
    };

    private final ForeignHolds holds = new ForeignHolds(OptionalLong::empty, cursors, clock, LASTING);

    @BeforeEach
    void knowWhereOthersAre() {
        cursors.note(new ForeignCursors.Sight(50, Map.of()));
        cursors.heard(2, new ForeignCursors.Sight(500, Map.of()));
        cursors.note(new ForeignCursors.Sight(60, Map.of()));
        cursors.heard(3, new ForeignCursors.Sight(600, Map.of()));
    }

    @Test
    void theLowestPlaceOfAllNodesCounts() {
        assertThat(holds.seen()).isEqualTo(Long.MAX_VALUE);
        assertThat(holds.heard(3, 700)).isTrue();
        assertThat(holds.seen()).isEqualTo(60);
        assertThat(holds.heard(2, 501)).isTrue();
        assertThat(holds.seen()).isEqualTo(50);
        assertThat(holds.heard(2, -1)).isFalse();
        assertThat(holds.seen()).isEqualTo(60);
    }

    @Test
    void whereAPlaceIsNotKnownWhatWasToldBeforeGoesOnCounting() {
        holds.heard(3, 700);
        now += LASTING;
        assertThat(holds.heard(3, 599)).isFalse();
        now += LASTING;
        assertThat(holds.seen()).isEqualTo(60);
    }

    @Test
    void aNodeThatIsAwayForTooLongCountsNoMore() {
        holds.heard(2, 501);
        now += LASTING;
        holds.heard(3, 700);
        assertThat(holds.seen()).isEqualTo(50);
        now += 1;
        assertThat(holds.seen()).isEqualTo(60);
    }

    @Test
    void whatTheJournalHasNoRoomForIsGivenUp() {
        holds.heard(2, 501);
        holds.heard(3, 700);
        holds.expire(55);
        assertThat(holds.seen()).isEqualTo(60);
    }

    @Test
    void aRestartKeepsWhatWasKept() {
        holds.heard(2, 501);
        ForeignHolds after = new ForeignHolds(OptionalLong::empty, cursors, clock, LASTING);
        after.restore(holds.text());
        assertThat(after.seen()).isEqualTo(50);
    }
}
