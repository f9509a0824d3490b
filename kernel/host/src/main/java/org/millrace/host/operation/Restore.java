package org.millrace.host.operation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.millrace.host.control.Operation;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.StoppedJournal;

/** Makes a data directory of a backup, after checking every byte of it. Blocks; used by one thread. */
public final class Restore {
    private final Path backup;
    private final Path data;

    /**
     * What came of it.
     *
     * @param bytes how much was copied
     * @param lastSeq the newest change
     * @param created when the backup was made
     */
    public record Outcome(long bytes, long lastSeq, String created) {}

    /**
     * Prepares a restoration.
     *
     * @param backup a folder made by a backup
     * @param data the data directory to make
     */
    public Restore(Path backup, Path data) {
        this.backup = backup.toAbsolutePath().normalize();
        this.data = data.toAbsolutePath().normalize();
    }

    /**
     * Copies and checks.
     *
     * @param exchange is told of the progress
     * @return what was done
     * @throws OperationException if the target is not empty, or the backup is damaged; the target is as it was
     * @throws IOException if a file cannot be read or written
     */
    public Outcome run(Operation.Exchange exchange) throws IOException {
        BackupManifest manifest = BackupManifest.read(backup);
        refuseUnlessEmpty();
        long total = manifest.bytes();
        Path incomplete = Folders.begin(data);
        boolean done = false;
        try {
            long usable = Files.getFileStore(incomplete).getUsableSpace();
            if (usable < total) {
                throw new OperationException("the backup has " + Pace.mebibytes(total) + ", and at " + data + " are "
                        + Pace.mebibytes(usable) + " free. Free space, or restore elsewhere");
            }
            Pace pace = new Pace(exchange);
            long copied = 0;
            for (BackupManifest.BackedUp file : manifest.files()) {
                Path to = incomplete.resolve(file.name());
                Files.createDirectories(to.getParent());
                copy(file, to);
                long before = copied;
                BackupManifest.BackedUp made = BackupManifest.BackedUp.of(incomplete, to, bytes -> {
                    try {
                        pace.at(() -> "restored " + Pace.of(before + bytes, total));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
                if (!made.equals(file)) {
                    throw new OperationException(backup.resolve(file.name()) + " is damaged: it has " + made.bytes()
                            + " bytes with checksum " + Long.toHexString(made.crc32c()) + ", "
                            + BackupManifest.FILE + " says " + file.bytes() + " and "
                            + Long.toHexString(file.crc32c()) + ". Nothing was restored; use another backup");
                }
                copied += file.bytes();
            }
            // All bytes are those of the backup, so what an earlier build left away at the journal's end is not damage.
            StoppedJournal.completeCopy(
                    incomplete.resolve(BackupOperation.JOURNAL), JournalFiles.system(), manifest.lastSeq());
            Folders.complete(incomplete, data);
            done = true;
            return new Outcome(copied, manifest.lastSeq(), manifest.created());
        } finally {
            if (!done) {
                Folders.delete(incomplete);
            }
        }
    }

    private void refuseUnlessEmpty() throws IOException {
        if (Files.exists(data) && (!Files.isDirectory(data) || !Folders.isEmpty(data))) {
            throw new OperationException(
                    "data directory " + data + " is not empty; nothing was restored. Stop its host,"
                            + " move the directory away, or name another with --data");
        }
    }

    private void copy(BackupManifest.BackedUp file, Path to) throws IOException {
        Path from = backup.resolve(file.name());
        if (!Files.isRegularFile(from)) {
            throw new OperationException(
                    from + " is missing from the backup. Nothing was restored; use another backup");
        }
        Files.copy(from, to);
    }
}
