package org.millrace.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.millrace.spi.resource.Change;

class PathHashesTest {
    private static final int BLOCK = 256;

    private final MemoryTree tree = new MemoryTree();
    private final PathHashes hashes = new PathHashes(4 * BLOCK);

    private List<Change> write(int changes) {
        for (int i = 0; i < changes; i++) {
            tree.put(i % 2 == 0 ? "even" : "odd", "x");
        }
        tree.publish();
        return tree.changes();
    }

    private long next(String path, long from, long until) {
        return hashes.next(new int[] {PathHashes.of(path)}, from, until);
    }

    @Test
    void anUnknownPlaceMayBeAnyPaths() {
        assertThat(next("even", 7, 100)).isEqualTo(7);
    }

    @Test
    void knownPlacesOfOtherPathsAreLeftOut() {
        write(4 * BLOCK).forEach(hashes::add);

        assertThat(next("odd", BLOCK + 1, 4 * BLOCK)).isEqualTo(BLOCK + 2);
        assertThat(next("none", BLOCK, 3 * BLOCK)).isGreaterThan(3 * BLOCK);
    }

    @Test
    void newBlocksTakeThePlacesOfOldOnes() {
        write(8 * BLOCK).forEach(hashes::add);

        assertThat(next("none", BLOCK, 8 * BLOCK)).isEqualTo(BLOCK);
        assertThat(next("none", 5 * BLOCK, 8 * BLOCK - 1)).isEqualTo(8 * BLOCK);
    }

    @Test
    void aBlockWithAHoleIsNotKnown() {
        List<Change> changes = write(5 * BLOCK);
        for (Change change : changes) {
            long seq = change.cursor().position();
            if (seq < BLOCK + 5 || seq >= 2 * BLOCK + 5) {
                hashes.add(change);
            }
        }

        assertThat(next("none", BLOCK, 5 * BLOCK - 1)).isEqualTo(BLOCK);
        assertThat(next("none", 2 * BLOCK, 5 * BLOCK - 1)).isEqualTo(2 * BLOCK);
        assertThat(next("none", 3 * BLOCK, 5 * BLOCK - 1)).isEqualTo(5 * BLOCK);
    }
}
