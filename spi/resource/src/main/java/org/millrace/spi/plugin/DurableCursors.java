package org.millrace.spi.plugin;

import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.millrace.spi.resource.Cursor;

/**
 * A plugin's named places in the change stream. While a cursor is kept, the journal keeps the changes behind it, up to
 * the configured hard cap. Implemented by the host; safe for use by any thread.
 *
 * @since 0.1
 */
@ImplementedByHost
public interface DurableCursors {
    /**
     * Where the change stream ends now, to tell how far behind a place is.
     *
     * @return the place of the newest change
     * @since 0.1
     */
    Cursor head();

    /**
     * Where to go on here behind a place of another node of the cluster: nothing that lies behind that place there lies
     * before this one, though some of what lies before it may come again.
     *
     * @param cursor of any node
     * @return a place of this node, the same if it is of this node already; empty if it is not known where that was
     * @since 0.1
     */
    Optional<Cursor> here(Cursor cursor);

    /**
     * Reads a place.
     *
     * @param name not empty, a legal path
     * @return the place, if there is one of this name
     */
    Optional<Cursor> get(String name);

    /**
     * Keeps a place, replacing an earlier one of that name.
     *
     * @param name not empty, a legal path
     * @param cursor the last change that needs not be seen again
     * @return completes when it is on disk, on a thread of the host
     */
    CompletionStage<Void> save(String name, Cursor cursor);

    /**
     * Lets go of a place, if there is one of this name.
     *
     * @param name not empty, a legal path
     * @return completes when that is on disk, on a thread of the host
     */
    CompletionStage<Void> remove(String name);
}
