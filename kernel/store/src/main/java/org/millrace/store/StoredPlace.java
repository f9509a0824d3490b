package org.millrace.store;

import java.nio.file.Files;
import java.nio.file.Path;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.store.kv.LmdbKv;

/**
 * How far the records of a stopped host have come.
 *
 * @param node whose they are; 0 if there are none
 * @param appliedSeq the last change they contain; 0 if there are none
 */
public record StoredPlace(long node, long appliedSeq) {
    /**
     * Looks, without altering anything.
     *
     * @param data the data directory, locked by the caller
     * @return the place
     * @throws org.millrace.store.kv.KvException if there are records that cannot be read
     */
    public static StoredPlace of(Path data) {
        Path records = data.resolve("records");
        if (Files.notExists(records.resolve(LmdbKv.DATA_FILE))) {
            return new StoredPlace(0, 0);
        }
        try (LmdbKv kv = LmdbKv.openReadOnly(records)) {
            ContentFormats formats = new ContentFormats(new ContentLimits(1 << 30, ContentLimits.DEEPEST));
            RecordTree tree = new RecordTree(kv, new RecordCodec(formats));
            return new StoredPlace(tree.node(), tree.appliedSeq());
        }
    }
}
