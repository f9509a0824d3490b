package org.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.millrace.store.ConflictRule;
import org.millrace.store.FieldMerge;

/** Whatever happens to nodes and messages, all nodes end with the same records, and each event was seen once. */
class SimulationTest {
    private static final int MANY = 4_000;
    private static final int VERY_MANY = 100_000;

    @Test
    void nodesConvergeWhateverTheLinkDoes() {
        converge(0, MANY);
    }

    @Test
    @Tag("slow")
    void nodesConvergeInAHundredThousandSchedules() {
        converge(MANY, MANY + VERY_MANY);
    }

    private static void converge(long from, long to) {
        LongStream.range(from, to)
                .parallel()
                .forEach(seed -> assertThat(new Simulation(seed, new FieldMerge(SimulatedNode.FORMATS)).run())
                        .as("seed %d", seed)
                        .isEmpty());
    }

    @Test
    void aRuleThatLetsWhateverArrivesLastPrevailIsFoundOut() {
        assertThat(failuresOf((arriving, present) -> arriving)).isGreaterThan(50);
    }

    @Test
    void aRuleThatLetsThePresentStayIsFoundOut() {
        assertThat(failuresOf((arriving, present) -> present == null ? arriving : present))
                .isGreaterThan(50);
    }

    @Test
    void aRuleThatHoldsTheNodeAboveTheClockIsFoundOut() {
        assertThat(failuresOf((arriving, present) -> present == null
                                || arriving.version().node() > present.version().node()
                        ? arriving
                        : present))
                .isGreaterThan(50);
    }

    @Test
    void aRuleThatLetsTheWholeRecordOfTheLaterPatchPrevailIsFoundOut() {
        assertThat(failuresOf(ConflictRule.LAST_WRITER_WINS)).isGreaterThan(50);
    }

    private static long failuresOf(ConflictRule broken) {
        long failures = 0;
        for (long seed = 0; seed < 100; seed++) {
            failures += new Simulation(seed, broken).run().isEmpty() ? 0 : 1;
        }
        return failures;
    }
}
