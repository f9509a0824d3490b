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
    private static final String RESTORE =
            "Nothing was altered; 'millrace verify' lists all that is damaged. Restore the file from a backup or a"
                    + " replica. ";

    /** What can be done about a damaged segment. */
    static String remedy(long firstSeq, boolean last) {
        String later = "move this file and those with higher numbers out of the directory, which loses change "
                + firstSeq + " and all after it";
        if (last) {
            return RESTORE + "To go on without it, " + later;
        }
        return RESTORE
                + "To go on without it: if the store has applied every change of this file, move it and those with"
                + " lower numbers out of the directory, which loses only history; otherwise " + later;
    }

    /** What can be done about a missing segment. */
    static String remedyForGap(long firstMissing, long firstAfter) {
        return RESTORE + "To go on without it: if the store has applied every change before " + firstAfter
                + ", move the files with lower numbers out of the directory, which loses only history; otherwise move"
                + " those from " + firstAfter + " on out of it, which loses change " + firstMissing
                + " and all after it";
    }

    /** One line with everything in it. */
    @Override
    public String toString() {
        return "journal file " + file + " is damaged at offset " + offset + " where change " + expectedSeq
                + " is expected: " + problem + ". " + remedy;
    }
}
