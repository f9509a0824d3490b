package org.millrace.journal;

import java.io.IOException;
import java.nio.file.Path;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * A journal that nobody writes to, opened to be read alone: nothing in its directory is altered, not even what a crash
 * left at its end. It may be damaged; what can be read without a gap from its start is shown.
 *
 * <p>Safe for use by any thread. Opening blocks and reads the whole journal. Holds no file open by itself.
 */
public final class StoppedJournal {
    private final JournalReport report;
    private final JournalReader.Source source;

    private StoppedJournal(JournalReport report, JournalReader.Source source) {
        this.report = report;
        this.source = source;
    }

    /**
     * Reads a journal and checks every entry.
     *
     * @param directory where its files are
     * @param files the file system
     * @param contents makes the contents of changes
     * @return the journal
     * @throws IOException if the disk cannot be read, or there is no such directory
     */
    public static StoppedJournal open(Path directory, JournalFiles files, ContentDecoder contents) throws IOException {
        JournalReport report = new JournalVerifier(files).verify(directory);
        Segments segments = new Segments(SegmentFiles.find(directory, files).segments());
        long last = report.lastSeq();
        ChangeRing nothing = new ChangeRing(1, 0, last);
        return new StoppedJournal(
                report,
                new JournalReader.Source(report.node(), nothing, segments, files, contents, () -> last, () -> false));
    }

    /**
     * Ends the copy of a journal that an earlier build made so that it can be opened: those ended where their last change
     * does, as does a file whose end has been cut off. Alters nothing else; to be called only where every byte of the
     * copy is known to be as it was made. Blocks.
     *
     * @param directory the copy
     * @param files the file system
     * @param lastSeq the last change it was made with
     * @return whether it had to be ended
     * @throws IOException if the disk fails
     */
    public static boolean completeCopy(Path directory, JournalFiles files, long lastSeq) throws IOException {
        return JournalCopy.complete(directory, files, lastSeq);
    }

    /**
     * What was found.
     *
     * @return the journal's extent and its damages
     */
    public JournalReport report() {
        return report;
    }

    /**
     * Reads from a place on, up to the last change that can be read.
     *
     * @param afterSeq the last change the caller has seen
     * @return a reader, to be closed
     * @throws ResourceException EXPIRED_CURSOR if the journal begins later, INVALID if it ends earlier
     */
    public ChangeReader read(long afterSeq) {
        if (afterSeq + 1 < report.firstSeq()) {
            throw JournalReader.expired(afterSeq + 1, report.firstSeq());
        }
        if (afterSeq > report.lastSeq()) {
            throw new ResourceException(
                    ErrorCode.INVALID,
                    "position " + afterSeq + " is not in the journal, which can be read up to " + report.lastSeq());
        }
        return new JournalReader(source, afterSeq);
    }
}
