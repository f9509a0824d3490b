package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Version;

/** What was applied while there was another number of streams. */
class EarlierStreamsTest {
    private static Change change(String path, long place) {
        return Change.of(ChangeKind.DELETE, Path.of(path), new Version(place, 7), new Cursor(7, place))
                .build();
    }

    @Test
    void aChangeWasAppliedIfItsStreamOfThenHadComeSoFar() {
        EarlierStreams earlier = EarlierStreams.parse(Map.of()).and(Map.of(7L, List.of(10L, 0L, 30L)));
        assertThat(earlier.include(7, change("t0/1", 10))).isTrue();
        assertThat(earlier.include(7, change("t0/1", 11))).isFalse();
        assertThat(earlier.include(7, change("t1/1", 1))).isFalse();
        assertThat(earlier.include(7, change("t2/1", 30))).isTrue();
        assertThat(earlier.include(8, change("t0/1", 1))).isFalse();
    }

    @Test
    void allEarlierNumbersCountAndAreReadAsTheyAreWritten() {
        EarlierStreams earlier = EarlierStreams.parse(EarlierStreams.parse(EarlierStreams.parse(Map.of())
                        .and(Map.of(7L, List.of(20L)))
                        .texts())
                .and(Map.of(7L, List.of(50L, 5L), 8L, List.of(1L, 1L)))
                .texts());
        assertThat(earlier.include(7, change("t1/1", 20))).isTrue();
        assertThat(earlier.include(7, change("t1/1", 21))).isFalse();
        assertThat(earlier.include(7, change("t0/1", 50))).isTrue();
        assertThat(earlier.include(8, change("t1/1", 1))).isTrue();
    }
}
