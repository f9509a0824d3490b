package org.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the journal promises holds whenever the power is cut, on disks that lose, tear and reorder what was not synced. */
class PowerCutTest {
    private static final int RUNS = 20;
    private static final int IMAGES = 60;

    @Test
    void nothingSyncedIsLostAndNothingIsCorrupt() throws IOException {
        Outcome outcome = cut(1, RUNS, IMAGES, false, false);
        assertThat(outcome.broken).isEmpty();
        assertThat(outcome.images).isGreaterThanOrEqualTo(1000);
        assertThat(outcome.rolled).as("images after retention").isPositive();
    }

    @Test
    void whatWasRefusedForWantOfSpaceNeverComesBack() throws IOException {
        Outcome outcome = cut(1000, RUNS / 2, IMAGES, true, false);
        assertThat(outcome.broken).isEmpty();
        assertThat(outcome.refusals).isPositive();
    }

    @Test
    void aDiskThatDoesNotSyncIsFoundOut() throws IOException {
        assertThat(cut(1, 3, IMAGES, false, true).broken).isNotEmpty();
    }

    @Test
    @Tag("slow")
    void nothingIsLostInAHundredThousandImages() throws IOException {
        assertThat(cut(5_000, 1_000, 100, false, false).broken).isEmpty();
        assertThat(cut(10_000, 1_000, 100, true, false).broken).isEmpty();
    }

    private record Outcome(List<String> broken, int images, int rolled, int refusals) {}

    private static Outcome cut(long firstSeed, int runs, int imagesPerRun, boolean filling, boolean lying)
            throws IOException {
        List<String> broken = new ArrayList<>();
        int images = 0;
        int rolled = 0;
        int refusals = 0;
        for (long seed = firstSeed; seed < firstSeed + runs; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            RecordingFiles files = new RecordingFiles();
            if (lying) {
                files.ignoreSyncs();
            }
            Workload workload = new Workload(random, files);
            for (int i = 0; i < 12; i++) {
                if (filling) {
                    // A disk that copies on write runs out of space in the middle of a preallocated file.
                    files.fail(RecordingFiles.Call.WRITE, PowerCutTest::isSegment, new NoSpaceException("full", null))
                            .after(random.nextInt(12))
                            .having(random.nextInt(4_000));
                }
                workload.run(10);
            }
            DiskImages cuts = new DiskImages(files, random);
            int[] moments =
                    random.ints(imagesPerRun, 0, cuts.moments()).sorted().toArray();
            for (int moment : moments) {
                RecordingFiles image = cuts.cutAt(moment);
                int firstCut = image.moment();
                String problem = workload.check(image, moment);
                if (problem.isEmpty()) {
                    problem = checkAfterSecondCut(workload, image, firstCut, moment, random);
                }
                if (!problem.isEmpty()) {
                    broken.add("seed " + seed + ", moment " + moment + ": " + problem);
                }
                images += 2;
            }
            rolled += workload.rolledImages();
            refusals += workload.refusals();
        }
        return new Outcome(broken, images, rolled, refusals);
    }

    /** Cuts the power again, at some moment after the first cut: in the recovery from it, or after that. */
    private static String checkAfterSecondCut(
            Workload workload, RecordingFiles recovered, int firstCut, int moment, RandomGenerator random)
            throws IOException {
        DiskImages cuts = new DiskImages(recovered, random);
        return workload.check(cuts.cutAt(firstCut + random.nextInt(cuts.moments() - firstCut)), moment);
    }

    private static boolean isSegment(Path file) {
        return file.toString().endsWith(Segment.SUFFIX);
    }
}
