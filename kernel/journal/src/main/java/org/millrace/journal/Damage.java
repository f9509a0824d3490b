package org.millrace.journal;

import java.nio.file.Path;

/**
 * One damaged place of a journal.
 *
 * @param file the file, or for a missing one the name it should have
 * @param offset bytes from the file's start
 * @param expectedSeq the seq of the first change that cannot be read
 * @param problem what is wrong there
 * @param remedy what the operator can do
 */
public record Damage(Path file, long offset, long expectedSeq, String problem, String remedy) {
    /** What can be done about every damage, whatever of it the records contain. */
    static final String REMEDY =
            "Nothing was altered; 'millrace verify' lists all that is damaged. Restore the file from a backup or a"
                    + " replica. To go on without it: 'millrace repair' says what that would lose, and does it with"
                    + " --accept-loss";

    /** One line with everything in it. */
    @Override
    public String toString() {
        return "journal file " + file + " is damaged at offset " + offset + " where change " + expectedSeq
                + " is expected: " + problem + ". " + remedy;
    }
}
