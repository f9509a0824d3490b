package org.millrace.host.operation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.millrace.content.ContentFormats;
import org.millrace.journal.Damage;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.StoppedJournal;
import org.millrace.store.RecordVerifier;

/**
 * Reads all of a stopped host's data, or of a backup, and says what is wrong with it. Alters nothing. Blocks; used by
 * one thread.
 */
public final class Verification {
    private final Path data;
    private final ContentFormats formats;
    private final Consumer<String> progress;

    /**
     * What was found.
     *
     * @param faults what is wrong and where, each a line or two; not more than a thousand of records
     * @param count how many faults there are
     * @param summary what was read, a line each
     */
    public record Outcome(List<String> faults, long count, List<String> summary) {}

    /**
     * Prepares a verification.
     *
     * @param data a data directory, locked by the caller, or a backup
     * @param formats makes contents
     * @param progress is told how far it has come
     */
    public Verification(Path data, ContentFormats formats, Consumer<String> progress) {
        this.data = data;
        this.formats = formats;
        this.progress = progress;
    }

    /**
     * Reads and compares.
     *
     * @return what was found
     * @throws IOException if the disk cannot be read
     */
    public Outcome run() throws IOException {
        List<String> faults = new ArrayList<>();
        List<String> summary = new ArrayList<>();
        if (Files.exists(data.resolve(BackupManifest.FILE))) {
            checkManifest(faults);
        }
        Path directory = data.resolve("journal");
        if (!Files.isDirectory(directory)) {
            throw new OperationException("there is no journal in " + data + ". Check --data");
        }
        progress.accept("reading the journal");
        StoppedJournal journal = StoppedJournal.open(directory, JournalFiles.system(), formats::trusted);
        for (Damage damage : journal.report().damages()) {
            faults.add(damage.toString());
        }
        summary.add("journal: node " + Long.toHexString(journal.report().node()) + ", "
                + ChangeRange.text(journal.report().firstSeq(), journal.report().lastSeq())
                + " in "
                + journal.report().segments().size() + " files"
                + (journal.report().tornBytes() > 0
                        ? "; " + journal.report().tornBytes()
                                + " bytes at the end were never acknowledged, the next start drops them"
                        : ""));
        long count = faults.size();
        if (Files.exists(data.resolve("records").resolve("data.mdb"))) {
            RecordVerifier.Outcome records = new RecordVerifier(data, journal, progress).verify();
            records.faults().forEach(fault -> faults.add(fault.place() + ": " + fault.problem()));
            count += records.faultCount();
            summary.add("records: " + records.records() + " with changes up to " + records.appliedSeq()
                    + ", compared with " + records.changes() + " changes of the journal; the next start applies "
                    + Math.max(0, journal.report().lastSeq() - records.appliedSeq()) + " more");
        } else if (journal.report().firstSeq() > 1) {
            faults.add(data.resolve("records") + ": there are no records, and the journal begins with change "
                    + journal.report().firstSeq() + ", so they cannot be built anew");
            count++;
        } else {
            summary.add("records: none yet; the next start builds them from the journal");
        }
        return new Outcome(List.copyOf(faults), count, List.copyOf(summary));
    }

    private void checkManifest(List<String> faults) throws IOException {
        for (BackupManifest.BackedUp file : BackupManifest.read(data).files()) {
            progress.accept("reading " + file.name());
            Path path = data.resolve(file.name());
            if (!Files.exists(path)) {
                faults.add(path + ": it is missing from the backup");
            } else if (!BackupManifest.BackedUp.of(data, path, bytes -> {}).equals(file)) {
                faults.add(path + ": it is not what was backed up; " + BackupManifest.FILE + " has another checksum");
            }
        }
    }
}
