package org.millrace.subscription;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.journal.ChangeReader;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.TopicFilter;

/**
 * The way of one subscription through the changes behind a place, past those whose paths none of its filters match. Used by
 * one thread.
 */
final class Passage implements AutoCloseable {
    /** With more filters than this the hash codes are not asked. */
    private static final int MAX_PATHS = 8;
    /** How many changes of others are read on the way to the next of its own before it is better to begin anew there. */
    private static final int READ_OVER = 4;

    private final Ground ground;
    private final Interest interest;
    private final int @Nullable [] hashes;
    private long position;
    /** The block the last change was looked for in, and its number, also if it is not kept. */
    private RecentReads.@Nullable Block block;

    private long blockNumber = -1;
    private @Nullable ChangeReader reader;

    /**
     * What passages lead through.
     *
     * @param source the journal
     * @param kept what was read of it a moment ago; null if passages are to take nothing but the journal's own way
     * @param paths what is known of paths without reading
     */
    record Ground(ChangeSource source, @Nullable RecentReads kept, PathHashes paths) {}

    /**
     * Begins behind a place.
     *
     * @param interest whose filters say what to show
     */
    Passage(Ground ground, long afterSeq, Interest interest) {
        this.ground = ground;
        this.position = afterSeq;
        this.interest = interest;
        this.hashes = hashes(interest.filters());
    }

    private static int @Nullable [] hashes(List<TopicFilter> filters) {
        if (filters.size() > MAX_PATHS) {
            return null;
        }
        int[] hashes = new int[filters.size()];
        for (int i = 0; i < hashes.length; i++) {
            TopicFilter filter = filters.get(i);
            if (!filter.isExact()) {
                return null;
            }
            hashes[i] = PathHashes.of(filter.toString());
        }
        return hashes;
    }

    /**
     * Goes on to the next change that a filter matches. May touch the disk.
     *
     * @param until where to stop at the latest; not beyond what was published
     * @return null if there is none up to there, or the newest change comes before
     * @throws ResourceException {@link ErrorCode#EXPIRED_CURSOR} if retention has deleted what comes next
     */
    @Nullable
    Change next(long until) {
        while (position < until) {
            if (hashes != null) {
                long may = ground.paths.next(hashes, position + 1, until);
                position = Math.min(may - 1, until);
                if (may > until) {
                    return null;
                }
            }
            Change change = read(position + 1);
            if (change == null) {
                return null;
            }
            position++;
            if (interest.matches(change.path())) {
                return change;
            }
        }
        return null;
    }

    private @Nullable Change read(long seq) {
        RecentReads.Block in = block;
        if (ground.kept != null && RecentReads.blockNumber(seq) != blockNumber) {
            blockNumber = RecentReads.blockNumber(seq);
            in = ground.kept.block(seq);
            block = in;
        }
        Change change = in == null ? null : in.get(seq);
        return change == null ? readDirectly(seq) : change;
    }

    private @Nullable Change readDirectly(long seq) {
        ChangeReader from = reader;
        if (from != null && (seq <= from.position() || seq - from.position() > READ_OVER)) {
            close();
            from = null;
        }
        if (from == null) {
            from = ground.source.read(seq - 1);
            reader = from;
        }
        Change change = from.next();
        while (change != null && change.cursor().position() < seq) {
            change = from.next();
        }
        return change;
    }

    /** Up to where nothing is left to be shown: the place of the change shown last, or of a later one. */
    long position() {
        return position;
    }

    @Override
    public void close() {
        ChangeReader open = reader;
        reader = null;
        if (open != null) {
            open.close();
        }
    }
}
