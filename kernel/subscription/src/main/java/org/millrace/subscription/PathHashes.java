package org.millrace.subscription;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;

/**
 * Of the newest changes the hash codes of their paths, so that a subscription of single paths that catches up looks only at
 * changes that may be its own, however many of others' lie between. Four bytes a change, in blocks that are replaced by newer
 * ones.
 *
 * <p>One thread adds, changes in order; any thread asks.
 */
final class PathHashes {
    private static final int USUAL_BLOCK = 256;

    private final int blockSize;
    private final AtomicReferenceArray<@Nullable Block> blocks;

    // Of the adding thread.
    private int[] next;
    private long expected = 1;

    private record Block(long number, int[] hashes) {}

    /**
     * Makes an index of nothing.
     *
     * @param changes how many at most are known
     */
    PathHashes(int changes) {
        blockSize = Math.clamp(Integer.highestOneBit(Math.max(1, changes / 2)), 1, USUAL_BLOCK);
        blocks = new AtomicReferenceArray<>(Math.max(1, changes / blockSize));
        next = new int[blockSize];
    }

    /** The code to look for. */
    static int of(String path) {
        return path.hashCode();
    }

    /** Takes in a change that was published, if all those of its block before it were. */
    void add(Change change) {
        long seq = change.cursor().position();
        int at = (int) (seq % blockSize);
        if (at != 0 && seq != expected) {
            return;
        }
        expected = seq + 1;
        next[at] = of(change.path().toString());
        if (at == blockSize - 1) {
            long number = seq / blockSize;
            blocks.set((int) (number % blocks.length()), new Block(number, next));
            next = new int[blockSize];
        }
    }

    /**
     * The next change that may have one of some paths.
     *
     * @param wanted the paths' codes
     * @param from the place to begin at
     * @param until the last place of interest
     * @return a place; beyond {@code until} if there is none up to there
     */
    long next(int[] wanted, long from, long until) {
        long seq = from;
        while (seq <= until) {
            long number = seq / blockSize;
            Block block = blocks.get((int) (number % blocks.length()));
            if (block == null || block.number != number) {
                return seq;
            }
            int at = find(block.hashes, (int) (seq % blockSize), wanted);
            seq = number * blockSize + at;
            if (at < blockSize) {
                return seq;
            }
        }
        return seq;
    }

    private static int find(int[] hashes, int from, int[] wanted) {
        if (wanted.length == 1) {
            int only = wanted[0];
            for (int at = from; at < hashes.length; at++) {
                if (hashes[at] == only) {
                    return at;
                }
            }
            return hashes.length;
        }
        for (int at = from; at < hashes.length; at++) {
            for (int hash : wanted) {
                if (hashes[at] == hash) {
                    return at;
                }
            }
        }
        return hashes.length;
    }
}
