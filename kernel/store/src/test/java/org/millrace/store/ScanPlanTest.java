package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;

class ScanPlanTest {
    private static final String LONG = "t".repeat(600);

    @Test
    void aTableIsItsOwnRecordAndWhatLiesBelow() {
        ScanRange range = ScanRange.table("t");
        assertThat(List.of("t", "t/", "t/a", "t//", "t/a/b")).allMatch(path -> covers(range, path));
        assertThat(List.of("s", "t-old/a", "t!", "t0", "tt", "tt/a", "/t/a", "$t/a"))
                .noneMatch(path -> covers(range, path));
    }

    @Test
    void theTableWithoutNameHoldsPathsThatStartWithASlash() {
        ScanRange range = ScanRange.table("");
        assertThat(List.of("/", "/a", "//a")).allMatch(path -> covers(range, path));
        assertThat(List.of("a", "a/", "$sys/a")).noneMatch(path -> covers(range, path));
    }

    @Test
    void nonSystemIsEverythingWithoutADollar() {
        assertThat(List.of("a", "/", " ", "%a", "#".replace('#', '"'), "é/x"))
                .allMatch(path -> covers(ScanRange.NON_SYSTEM, path));
        assertThat(List.of("$", "$sys/health", "$internal/x")).noneMatch(path -> covers(ScanRange.NON_SYSTEM, path));
    }

    @Test
    void theEmptyPrefixIsEverything() {
        assertThat(List.of("a", "$sys/health", "\uFFFF", LONG)).allMatch(path -> covers(ScanRange.prefix(""), path));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 479, 480, 481, 600})
    void aTableNameMayHaveAnyLength(int length) {
        String name = "t".repeat(length);
        ScanRange range = ScanRange.table(name);
        assertThat(List.of(name, name + "/", name + "/a", name + "/" + LONG)).allMatch(path -> covers(range, path));
        assertThat(List.of(name + "t", name + "-/a", name + "!", "s/" + name)).noneMatch(path -> covers(range, path));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 479, 480, 481, 600})
    void aPrefixMayHaveAnyLength(int length) {
        String prefix = "p".repeat(length);
        ScanRange range = ScanRange.prefix(prefix);
        assertThat(List.of(prefix, prefix + "/", prefix + "p", prefix + LONG)).allMatch(path -> covers(range, path));
        assertThat(List.of("o", "q", prefix.substring(1) + "o", prefix.substring(1) + "q" + LONG))
                .noneMatch(path -> covers(range, path));
    }

    @Test
    void aTableNameWithASlashIsRefused() {
        assertThatThrownBy(() -> ScanRange.table("a/b"))
                .isInstanceOfSatisfying(
                        ResourceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID));
    }

    private static boolean covers(ScanRange range, String text) {
        Path path = Path.of(text);
        ScanPlan plan = ScanPlan.of(range);
        byte[] key = RecordKey.of(path);
        long intervals = plan.intervals().stream()
                .filter(interval -> Arrays.compareUnsigned(key, interval.from()) >= 0 && !interval.endsBefore(key))
                .count();
        assertThat(intervals).as("intervals that hold %s", text).isLessThanOrEqualTo(1);
        return intervals == 1 && plan.contains(path);
    }
}
