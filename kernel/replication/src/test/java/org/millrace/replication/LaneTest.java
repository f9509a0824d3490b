package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Path;

/** Which stream a table's changes go to, and what it is called. */
class LaneTest {
    private static List<Lane> of(int streams) {
        return Lane.all(ClusterNode.options("n", "", NodesOfOneProcess.NO_LOGIN, List.of(), streams));
    }

    @Test
    void anOnlyStreamHasTheNamesItAlwaysHad() {
        Lane only = of(1).getFirst();
        assertThat(only.stream()).isEqualTo("MILLRACE_test");
        assertThat(only.allChanges()).isEqualTo("millrace.test.changes.*");
        assertThat(only.changes(0xab)).isEqualTo("millrace.test.changes.ab");
        assertThat(only.resend(0xab)).isEqualTo("millrace.test.resend.ab");
        assertThat(only.carries(Path.of("anything/1"))).isTrue();
    }

    @Test
    void streamsAndSubjectsOfSeveralDiffer() {
        List<Lane> lanes = of(3);
        assertThat(lanes.stream().map(Lane::stream))
                .containsExactly("MILLRACE_test", "MILLRACE_test=1", "MILLRACE_test=2");
        assertThat(lanes.stream().map(Lane::allChanges))
                .containsExactly("millrace.test.changes.*", "millrace.test.changes.1.*", "millrace.test.changes.2.*");
        assertThat(lanes.get(2).changes(0xab)).isEqualTo("millrace.test.changes.2.ab");
    }

    /** These must never be others: what is in the streams and in the nodes' places would be misunderstood. */
    @Test
    void aTableIsForeverOfTheSameStream() {
        assertThat(IntStream.range(0, 6).map(i -> Lane.of(Path.of("t" + i + "/1"), 3)))
                .containsExactly(0, 1, 2, 0, 1, 0);
        assertThat(Lane.of(Path.of("readings/a/b"), 32)).isEqualTo(4);
        assertThat(Lane.of(Path.of("$internal/mqtt/store/shared/x"), 32)).isEqualTo(11);
    }

    @Test
    void allRecordsOfATableAndItsDefinitionGoTheSameWay() {
        for (String table : List.of("t0", "t1", "t2", "readings")) {
            int lane = Lane.of(Path.of(table + "/1"), 3);
            assertThat(Lane.of(Path.of(table + "/2/3"), 3)).isEqualTo(lane);
            assertThat(Lane.of(Path.of("$sys/tables/" + table), 3)).isEqualTo(lane);
        }
    }

    @Test
    void tablesAreDividedEvenly() {
        assertThat(IntStream.range(0, 1_000)
                        .boxed()
                        .collect(Collectors.groupingBy(
                                i -> Lane.of(Path.of("device-" + i + "/1"), 8), Collectors.counting()))
                        .values())
                .hasSize(8)
                .allSatisfy(count -> assertThat(count).isBetween(80L, 180L));
    }

    @Test
    void whatAStreamCarriesOfANodeIsReadAsItIsWritten() {
        assertThat(Origin.parse(new Origin(-2, 0).toString())).isEqualTo(new Origin(-2, 0));
        assertThat(Origin.parse(new Origin(0xab, 31).toString())).isEqualTo(new Origin(0xab, 31));
        assertThat(new Origin(0xab, 0)).hasToString("ab");
    }
}
