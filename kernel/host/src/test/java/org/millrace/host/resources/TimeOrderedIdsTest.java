package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TimeOrderedIdsTest {
    private final AtomicLong now = new AtomicLong(1_469_918_176_385L);
    private final TimeOrderedIds ids = new TimeOrderedIds(now::get);

    @Test
    void theTimeStandsInTheFirstTenCharacters() {
        // The example of the ULID specification.
        assertThat(ids.next()).hasSize(26).startsWith("01ARYZ6S41");
    }

    @Test
    void idsAscendWhileTheClockStandsAdvancesOrGoesBack() {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            made.add(ids.next());
            now.addAndGet(i % 3 - 1);
        }

        assertThat(made).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aMillisecondThatIsUsedUpIsCarriedIntoTheNext() {
        String before = ids.next();
        assertThat(TimeOrderedIds.after(before)).isGreaterThan(before);
        assertThat(TimeOrderedIds.after("01ARYZ6S41ZZZZZZZZZZZZZZZZ")).isEqualTo("01ARYZ6S420000000000000000");
    }

    @Test
    void threadsNeverGetTheSameId() throws InterruptedException {
        List<List<String>> made = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        List<Thread> threads = made.stream()
                .map(mine -> Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 5_000; i++) {
                        mine.add(ids.next());
                    }
                }))
                .toList();
        for (Thread thread : threads) {
            thread.join();
        }
        HashSet<String> all = new HashSet<>();
        made.forEach(all::addAll);

        assertThat(all).hasSize(15_000);
    }
}
