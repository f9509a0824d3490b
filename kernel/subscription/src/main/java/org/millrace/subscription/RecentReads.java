package org.millrace.subscription;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.journal.ChangeReader;
import org.millrace.spi.resource.Change;

/**
 * Changes that were read from the journal a moment ago, for the next subscription that catches up over the same stretch:
 * when many clients that had stalled go on together, each change is read from the disk and encoded once and not once for
 * each of them.
 *
 * <p>What is kept is bounded in changes and in bytes of content; the forms that changes are sent in come on top, of the
 * same order. Any thread may read; several may read the same stretch at once, and then one of the results is kept.
 */
final class RecentReads {
    private static final int SHIFT = 8;
    private static final int BLOCK = 1 << SHIFT;
    private static final int MAX_BLOCKS = 64;
    private static final int MAX_BLOCK_BYTES = 512 * 1024;
    private static final long MAX_BYTES = 8L << 20;

    private final ChangeSource source;
    // Guarded by itself.
    private final Map<Long, Block> blocks = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    /**
     * A stretch of changes without a hole.
     *
     * @param changes the first of them has the place {@code from}
     * @param bytes of their contents
     */
    record Block(long from, List<Change> changes, long bytes) {
        @Nullable
        Change get(long seq) {
            long at = seq - from;
            return at >= 0 && at < changes.size() ? changes.get((int) at) : null;
        }
    }

    RecentReads(ChangeSource source) {
        this.source = source;
    }

    /** Which block a place belongs to. */
    static long blockNumber(long seq) {
        return seq >>> SHIFT;
    }

    /** The block of a place, read if need be; null if it is not complete or partly deleted. May lack the place. */
    @Nullable
    Block block(long seq) {
        long key = blockNumber(seq);
        long from = Math.max(1, key << SHIFT);
        long to = (key + 1) << SHIFT;
        if (to > source.publishedSeq() + 1 || from < source.firstSeq()) {
            return null;
        }
        synchronized (blocks) {
            Block kept = blocks.get(key);
            if (kept != null) {
                return kept;
            }
        }
        Block read = readBlock(from, to);
        synchronized (blocks) {
            Block before = blocks.put(key, read);
            bytes += read.bytes - (before == null ? 0 : before.bytes);
            var eldest = blocks.values().iterator();
            while (blocks.size() > MAX_BLOCKS || bytes > MAX_BYTES) {
                bytes -= eldest.next().bytes;
                eldest.remove();
            }
        }
        return read;
    }

    /** Reads a block, or its beginning where all of it would be too large; that is what the place then stands for. */
    private Block readBlock(long from, long to) {
        List<Change> changes = new ArrayList<>(BLOCK);
        long size = 0;
        try (ChangeReader reader = source.read(from - 1)) {
            for (long seq = from; seq < to && size < MAX_BLOCK_BYTES; seq++) {
                Change change = reader.next();
                if (change == null) {
                    break;
                }
                changes.add(change);
                size += size(change);
            }
        }
        return new Block(from, changes, size);
    }

    private static long size(Change change) {
        return change.content().map(content -> (long) content.size()).orElse(0L)
                + change.patch().map(content -> (long) content.size()).orElse(0L);
    }
}
