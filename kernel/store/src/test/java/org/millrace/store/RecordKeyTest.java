package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Path;
import org.millrace.store.kv.Kv;

class RecordKeyTest {
    @Test
    void aShortPathIsItsOwnKey() {
        byte[] key = RecordKey.of(Path.of("sensors/hall/é"));
        assertThat(key).isEqualTo(Path.of("sensors/hall/é").utf8());
        assertThat(RecordKey.path(key)).isEqualTo(Path.of("sensors/hall/é"));
    }

    @Test
    void thePrefixLengthIsTheLastThatIsKeptWhole() {
        assertThat(RecordKey.isShortened(RecordKey.of(Path.of("x".repeat(RecordKey.PREFIX)))))
                .isFalse();
        assertThat(RecordKey.isShortened(RecordKey.of(Path.of("x".repeat(RecordKey.PREFIX + 1)))))
                .isTrue();
    }

    @Test
    void theLongestPathFitsTheMapEvenInTheExpiryIndex() {
        assertThat(RecordKey.of(Path.of("x".repeat(Path.MAX_BYTES))).length + Long.BYTES)
                .isLessThanOrEqualTo(Kv.MAX_KEY);
    }

    @Test
    void longPathsWithTheSameBeginningDiffer() {
        String beginning = "x".repeat(RecordKey.PREFIX);
        assertThat(RecordKey.of(Path.of(beginning + "a"))).isNotEqualTo(RecordKey.of(Path.of(beginning + "b")));
    }

    @Test
    void aPathCutWithinACharacterStaysInOrder() {
        String before = "x".repeat(RecordKey.PREFIX - 1);
        byte[] cut = RecordKey.of(Path.of(before + "é" + "tail"));
        assertThat(Arrays.compareUnsigned(RecordKey.of(Path.of(before + "y")), cut))
                .isNegative();
        assertThat(Arrays.compareUnsigned(cut, RecordKey.of(Path.of(before.substring(1) + "yy"))))
                .isNegative();
    }

    @Test
    void aLongPathSortsBehindItsShorterBeginning() {
        String beginning = "x".repeat(RecordKey.PREFIX);
        assertThat(Arrays.compareUnsigned(RecordKey.of(Path.of(beginning)), RecordKey.of(Path.of(beginning + "!"))))
                .isNegative();
    }
}
