package org.millrace.journal;

import java.nio.file.Path;
import java.util.List;

/**
 * What a {@link JournalVerifier} found.
 *
 * @param node the node whose journal it is; 0 if no segment could be read
 * @param firstSeq the first change kept
 * @param lastSeq the last change that can be read, with all before it
 * @param segments each segment in order
 * @param damages each damaged place; empty if the journal is intact
 * @param tornBytes how many bytes at the end belong to changes that were never acknowledged and are dropped by the
 *     next {@link Journal#open}
 */
public record JournalReport(
        long node, long firstSeq, long lastSeq, List<Segment> segments, List<Damage> damages, long tornBytes) {
    /**
     * One file of the journal.
     *
     * @param file its path
     * @param firstSeq its first change
     * @param lastSeq its last readable change; {@code firstSeq - 1} if there is none
     * @param fileBytes its size
     * @param entryBytes how many of them hold changes
     */
    public record Segment(Path file, long firstSeq, long lastSeq, long fileBytes, long entryBytes) {}

    /**
     * Whether everything can be read.
     *
     * @return true if there is no damage
     */
    public boolean isIntact() {
        return damages.isEmpty();
    }
}
