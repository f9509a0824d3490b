package org.millrace.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.store.kv.KvException;
import org.millrace.store.kv.LmdbKv;
import org.millrace.store.kv.Tree;

/**
 * Gives the disk back what the records of a stopped host no longer use: writes a copy without free pages beside them,
 * checks and syncs it, and puts it in their place in one step. A crash at any moment leaves the one file or the other.
 * Blocks; used by one thread.
 */
public final class RecordCompaction {
    private final Path records;
    private final Path copy;

    /**
     * What came of it.
     *
     * @param bytesBefore the file's size before
     * @param bytesAfter the file's size now
     */
    public record Outcome(long bytesBefore, long bytesAfter) {}

    /**
     * Prepares a compaction.
     *
     * @param lock held on the data directory, until this is done
     */
    public RecordCompaction(DirectoryLock lock) {
        this.records = lock.directory().resolve("records");
        this.copy = lock.directory().resolve("records.compact");
    }

    /**
     * Compacts.
     *
     * @return the sizes
     * @throws StoreOpenException if it cannot be done; the records are as they were
     */
    public Outcome run() {
        try {
            return compact();
        } catch (KvException | IOException e) {
            throw new StoreOpenException(
                    "cannot compact " + records + ": " + e.getMessage() + ". Nothing was altered", e);
        }
    }

    private Outcome compact() throws IOException {
        Path file = records.resolve(LmdbKv.DATA_FILE);
        if (Files.notExists(file)) {
            throw new StoreOpenException("there are no records in " + records + " to compact. Check --data");
        }
        removeCopy();
        long before = Files.size(file);
        try {
            try (LmdbKv kv = LmdbKv.openReadOnly(records)) {
                long usable = Files.getFileStore(records).getUsableSpace();
                if (usable < kv.usage().usedBytes()) {
                    throw new StoreOpenException("compacting " + records + " may need "
                            + (kv.usage().usedBytes() >> 20) + " MiB beside the present file, and " + (usable >> 20)
                            + " MiB are free. Free space on that disk first");
                }
                kv.copyTo(copy);
                check(kv);
            }
            Path compact = copy.resolve(LmdbKv.DATA_FILE);
            long after = Files.size(compact);
            Files.move(compact, file, StandardCopyOption.ATOMIC_MOVE);
            sync(records);
            return new Outcome(before, after);
        } finally {
            removeCopy();
        }
    }

    private void check(LmdbKv original) {
        ContentFormats formats = new ContentFormats(new ContentLimits(1 << 30, ContentLimits.DEEPEST));
        try (LmdbKv made = LmdbKv.openReadOnly(copy)) {
            for (Tree tree : Tree.values()) {
                if (made.entries(tree) != original.entries(tree)) {
                    throw new KvException(
                            KvException.Kind.FAILED,
                            "the copy has " + made.entries(tree) + " entries of " + tree.id() + ", the original "
                                    + original.entries(tree));
                }
            }
            RecordCodec codec = new RecordCodec(formats);
            if (new RecordTree(made, codec).appliedSeq() != new RecordTree(original, codec).appliedSeq()) {
                throw new KvException(KvException.Kind.FAILED, "the copy is of another moment than the original");
            }
        }
    }

    private void removeCopy() throws IOException {
        if (Files.isDirectory(copy)) {
            try (Stream<Path> files = Files.list(copy)) {
                for (Path left : files.toList()) {
                    Files.delete(left);
                }
            }
            Files.delete(copy);
        }
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
