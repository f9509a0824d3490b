package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.WriteOptions;

/** What records amount to. */
class TreeHashTest {
    @Test
    void theOrderIsOfNoAccount() {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            entries.add(entry("t" + i % 3 + "/" + i, i, i));
        }
        TreeHash one = of(entries);
        Collections.shuffle(entries, new Random(1));
        TreeHash other = of(entries);
        assertThat(other.ofTree()).isEqualTo(one.ofTree());
        assertThat(other.ofTables()).isEqualTo(one.ofTables()).hasSize(3);
    }

    @Test
    void anyDifferenceShowsInItsRangeAlone() {
        Entry here = entry("t/7", 7, 7);
        for (Entry there : List.of(entry("t/7", 8, 7), entry("t/7", 7, 8))) {
            TreeHash mine = of(List.of(entry("t/1", 1, 1), here, entry("u/1", 1, 1)));
            TreeHash theirs = of(List.of(entry("t/1", 1, 1), there, entry("u/1", 1, 1)));
            assertThat(mine.ofTree()).isNotEqualTo(theirs.ofTree());
            assertThat(mine.differences(theirs.tablesAfter("", 10_000)))
                    .containsEntry("t", 1L << TreeHash.range(Path.of("t/7")))
                    .containsEntry("u", 0L);
        }
    }

    @Test
    void tablesComeInSlicesThatFit() {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            entries.add(entry("t" + i + "/1", i, i));
        }
        TreeHash hash = of(entries);
        List<String> seen = new ArrayList<>();
        String after = "";
        while (true) {
            byte[] slice = hash.tablesAfter(after, 2_000);
            if (slice.length == 0) {
                break;
            }
            var differences = hash.differences(slice);
            assertThat(differences.values()).containsOnly(0L);
            seen.addAll(differences.keySet());
            after = differences.lastKey();
        }
        assertThat(seen).hasSize(20).isSorted();
        assertThat(hash.between("t3", "t5").keySet()).containsExactly("t4", "t5");
    }

    private static TreeHash of(List<Entry> entries) {
        TreeHash hash = new TreeHash();
        entries.forEach(hash::add);
        return hash;
    }

    private static Entry entry(String path, int content, long clock) {
        return new Entry(
                Path.of(path),
                new TestContent(MediaType.OCTET_STREAM, new byte[] {(byte) content}),
                new Version(clock, 1),
                Properties.NONE,
                WriteOptions.NEVER,
                Qos.EXACTLY_ONCE);
    }
}
