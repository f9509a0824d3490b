package org.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.SharedForm;
import org.millrace.spi.resource.Version;

class ChangeRingTest {
    private static Change change(long seq, int bytes) {
        return Change.of(ChangeKind.EVENT, Path.of("a/b"), Version.NONE, new Cursor(1, seq))
                .content(new PlainContent(MediaType.TEXT, new byte[bytes]))
                .build();
    }

    @Test
    void theNewestAreKeptWhenItWraps() {
        ChangeRing ring = new ChangeRing(8, Long.MAX_VALUE, 0);
        for (long seq = 1; seq <= 1_000; seq++) {
            Change change = change(seq, 1);
            ring.add(change);
            assertThat(ring.get(seq)).isSameAs(change);
        }
        for (long seq = 1; seq <= 1_000; seq++) {
            Change found = ring.get(seq);
            if (seq > 992) {
                assertThat(found).isNotNull();
            } else {
                assertThat(found).isNull();
            }
        }
        assertThat(ring.get(1_001)).isNull();
    }

    @Test
    void itTellsHowFullItIs() {
        ChangeRing ring = new ChangeRing(8, 10_000, 100);
        assertThat(ring.usage(100)).isEqualTo(new RingUsage(101, 0, 8, 0, 10_000));
        for (long seq = 101; seq <= 112; seq++) {
            ring.add(change(seq, 744));
        }
        assertThat(ring.usage(112)).isEqualTo(new RingUsage(105, 8, 8, 8_000, 10_000));
        ring.add(change(113, 9_000));
        assertThat(ring.usage(113)).isEqualTo(new RingUsage(113, 1, 8, 9_256, 10_000));
    }

    @Test
    void theCapacityIsRoundedUp() {
        ChangeRing ring = new ChangeRing(5, Long.MAX_VALUE, 0);
        for (long seq = 1; seq <= 20; seq++) {
            ring.add(change(seq, 1));
        }
        assertThat(ring.get(13)).isNotNull();
        assertThat(ring.get(12)).isNull();
    }

    @Test
    void aRingOfOneKeepsOne() {
        ChangeRing ring = new ChangeRing(1, Long.MAX_VALUE, 0);
        ring.add(change(1, 1));
        ring.add(change(2, 1));
        assertThat(ring.get(1)).isNull();
        assertThat(ring.get(2)).isNotNull();
    }

    @Test
    void bytesAreBounded() {
        ChangeRing ring = new ChangeRing(1_024, 10_000, 0);
        for (long seq = 1; seq <= 100; seq++) {
            ring.add(change(seq, 1_744)); // 2,000 with what the objects take
        }
        assertThat(ring.get(96)).isNotNull();
        assertThat(ring.get(95)).isNull();
        ring.add(change(101, 20_000));
        assertThat(ring.get(100)).isNull();
        assertThat(ring.get(101)).as("larger than the ring").isNull();
        ring.add(change(102, 10));
        assertThat(ring.get(102)).isNotNull();
    }

    @Test
    void itContinuesWhereTheJournalWasFound() {
        ChangeRing ring = new ChangeRing(8, Long.MAX_VALUE, 5_000_000_000L);
        ring.add(change(5_000_000_001L, 1));
        assertThat(ring.get(5_000_000_001L)).isNotNull();
        assertThat(ring.get(5_000_000_000L)).isNull();
        assertThat(ring.get(705_032_705L)).as("same slot").isNull();
    }

    @Test
    void derivedFormsAreForgotten() {
        ChangeRing ring = new ChangeRing(8, Long.MAX_VALUE, 0);
        AtomicInteger made = new AtomicInteger();
        SharedForm<Integer> form = new SharedForm<>("test", c -> made.incrementAndGet());
        Change change = change(1, 1);
        ring.add(change);
        change.shared(form);
        ring.forgetShared();
        change.shared(form);
        assertThat(made).hasValue(2);
    }
}
