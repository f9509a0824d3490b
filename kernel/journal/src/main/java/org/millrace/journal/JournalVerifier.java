package org.millrace.journal;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Reads a whole journal and says what state it is in, without altering anything. For the operator's command line and
 * for tests; blocks, so call it where that is allowed. The journal must not be open for writing meanwhile.
 */
public final class JournalVerifier {
    private final JournalFiles files;

    /**
     * Makes a verifier.
     *
     * @param files where the journal is
     */
    public JournalVerifier(JournalFiles files) {
        this.files = files;
    }

    /**
     * Reads and checks every entry of every segment.
     *
     * @param directory the journal's directory
     * @return what was found
     * @throws IOException if the disk cannot be read
     */
    public JournalReport verify(Path directory) throws IOException {
        throw new UnsupportedOperationException(files.toString() + directory);
    }
}
