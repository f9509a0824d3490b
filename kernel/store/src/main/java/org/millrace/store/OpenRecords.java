package org.millrace.store;

import java.nio.file.Path;
import java.time.Clock;
import org.millrace.content.ContentFormats;
import org.millrace.journal.Journal;
import org.millrace.store.kv.Kv;
import org.millrace.store.kv.KvException;

/**
 * The records of a data directory, claimed for the journal's node and brought up to the journal's end, before anybody
 * reads or writes them.
 *
 * @param kv the map on disk, to be closed by whoever uses these
 * @param overlay empty
 * @param tree the records in the map
 * @param catalog the indexes that are there
 * @param indexes builds and drops them
 * @param appliedSeq the last change the map has
 */
record OpenRecords(
        Kv kv, Overlay overlay, RecordTree tree, IndexCatalog catalog, IndexWorker indexes, long appliedSeq) {
    /** Opens the map on disk; tests put their own in between. */
    @FunctionalInterface
    interface KvOpener {
        Kv open(Path directory, long mapBytes);
    }

    /**
     * Opens or creates the records and applies what the journal has beyond them. Blocks; a long replay logs its progress.
     *
     * @param data the data directory, which the caller has locked
     * @throws StoreOpenException if journal and records do not fit, or the records cannot be opened; nothing is open then
     */
    static OpenRecords open(
            Path data, StoreOptions options, Journal journal, ContentFormats formats, Clock clock, KvOpener opener) {
        Kv kv = null;
        try {
            Path directory = data.resolve("records");
            kv = opener.open(directory, options.mapBytes());
            IndexCatalog catalog = new IndexCatalog();
            Tombstones tombstones = new Tombstones(kv, clock, options.tombstoneHorizon());
            RecordTree tree = new RecordTree(kv, new RecordCodec(formats), catalog, tombstones);
            tree.claim(journal.node(), directory);
            Overlay overlay = new Overlay(options.overlayEntries(), options.overlayBytes(), catalog);
            IndexTree indexTree = new IndexTree(kv);
            // Known before the journal is replayed: the records of the rest have to be entered.
            IndexWorker indexes = new IndexWorker(overlay, tree, indexTree, indexTree.load());
            long applied;
            try (ReadFirst readFirst = new ReadFirst(kv, options.applyReaders())) {
                applied = new Replay(tree, journal, directory, readFirst).run();
            }
            return new OpenRecords(kv, overlay, tree, catalog, indexes, applied);
        } catch (RuntimeException | Error e) {
            if (kv != null) {
                kv.close();
            }
            if (e instanceof KvException) {
                throw new StoreOpenException(e.getMessage() + ". Check the disk and the file's permissions", e);
            }
            throw e;
        }
    }
}
