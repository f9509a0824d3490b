package org.millrace.journal;

import java.io.IOException;
import java.time.Clock;

/** Journals without a thread of their own, for tests of other modules: each run of one seed does the same acts. */
public final class InlineJournal {
    private InlineJournal() {}

    /** Opens a journal whose background work is done by the writer, and not repeated. */
    public static Journal open(JournalOptions options, JournalFiles files, ContentDecoder contents, Clock clock)
            throws IOException {
        return Journal.open(options, files, contents, clock, false);
    }
}
