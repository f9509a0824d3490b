package org.millrace.journal;

import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;

/**
 * Reads published changes in order, from the ring of recent ones where it can and from segments where it must, and
 * moves between the two by itself.
 *
 * <p>Used by one thread at a time. A reader holds a buffer and an open file only while it reads from a segment, so
 * thousands of readers at the head of the journal cost nothing. Reading a segment blocks for the disk if the page
 * cache does not hold it; reading the ring never blocks.
 */
public interface ChangeReader extends AutoCloseable {
    /**
     * The next published change.
     *
     * @return null at the head of the journal; a later call finds what was published in between
     * @throws org.millrace.spi.resource.ResourceException EXPIRED_CURSOR if retention has deleted what comes next,
     *     UNAVAILABLE if the disk cannot be read or the journal was closed; the position stays where it was
     * @throws JournalCorruptException if what is on disk is not what was written
     */
    @Nullable
    Change next();

    /**
     * The seq of the change read last, or where reading began.
     *
     * @return the position to resume from
     */
    long position();

    /** Releases the buffer and the file. Further calls do nothing. */
    @Override
    void close();
}
