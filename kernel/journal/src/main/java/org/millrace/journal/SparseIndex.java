package org.millrace.journal;

import java.util.Arrays;

/**
 * Where to start looking for a seq within one segment: a place every 64 KiB or so. Filled by whoever walks the segment,
 * the writer and readers alike. Safe for use by any thread; a lock is held for a few instructions.
 */
final class SparseIndex {
    static final int STEP = 64 * 1024;

    private long[] seqs = new long[8];
    private long[] offsets = new long[8];
    private int size;

    SparseIndex(long firstSeq) {
        seqs[0] = firstSeq;
        offsets[0] = SegmentHeader.DATA_START;
        size = 1;
    }

    /** Notes that the frame of {@code seq} begins at {@code offset}, unless a place nearby is known. */
    synchronized void note(long seq, long offset) {
        int below = floor(seq);
        boolean nearBelow = offset - offsets[below] < STEP;
        boolean nearAbove = below + 1 < size && offsets[below + 1] - offset < STEP;
        if (nearBelow || nearAbove) {
            return;
        }
        if (size == seqs.length) {
            seqs = Arrays.copyOf(seqs, size * 2);
            offsets = Arrays.copyOf(offsets, size * 2);
        }
        System.arraycopy(seqs, below + 1, seqs, below + 2, size - below - 1);
        System.arraycopy(offsets, below + 1, offsets, below + 2, size - below - 1);
        seqs[below + 1] = seq;
        offsets[below + 1] = offset;
        size++;
    }

    /** Where a frame begins from which {@code seq} is reached by walking on. */
    synchronized long offsetBefore(long seq) {
        return offsets[floor(seq)];
    }

    /** Forgets places from {@code seq} on: what was written there has been undone. */
    synchronized void truncate(long seq) {
        while (size > 1 && seqs[size - 1] >= seq) {
            size--;
        }
    }

    private int floor(long seq) {
        int found = Arrays.binarySearch(seqs, 0, size, seq);
        return found >= 0 ? found : Math.max(0, -found - 2);
    }
}
