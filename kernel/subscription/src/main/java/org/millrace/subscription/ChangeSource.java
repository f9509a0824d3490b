package org.millrace.subscription;

import org.millrace.journal.ChangeReader;
import org.millrace.spi.plugin.Registration;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** What the engine needs of the {@link org.millrace.journal.Journal}: its published changes. Any thread may call. */
public interface ChangeSource {
    /**
     * The node whose changes these are.
     *
     * @return the id that cursors carry
     */
    long node();

    /**
     * The place of the newest change that readers see. Everything up to it is also visible in the
     * {@link RecordSource}.
     *
     * @return 0 before the first change
     */
    long publishedSeq();

    /**
     * The oldest change that can still be read.
     *
     * @return its place; beyond {@link #publishedSeq()} if there is none
     */
    long firstSeq();

    /**
     * Opens a reader behind a place. May touch the disk.
     *
     * @param afterSeq the place of the last change not wanted, at most {@link #publishedSeq()}
     * @return the reader, to be closed
     * @throws ResourceException {@link ErrorCode#EXPIRED_CURSOR} if changes behind that place are gone
     */
    ChangeReader read(long afterSeq);

    /**
     * Has a signal called after changes were published.
     *
     * @param wakeup called on the publishing thread; returns at once
     * @return closing it ends the calls
     */
    Registration onPublished(Runnable wakeup);
}
