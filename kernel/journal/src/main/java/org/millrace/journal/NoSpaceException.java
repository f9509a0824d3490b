package org.millrace.journal;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The disk or a quota on it is full. Thrown by {@link JournalFiles} so that the journal can tell this from a failure. */
public final class NoSpaceException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Describes where space ran out.
     *
     * @param message names the file
     * @param cause what the operating system said; null if it was found by looking
     */
    public NoSpaceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
