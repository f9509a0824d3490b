package org.millrace.replication;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.millrace.content.ContentFormats;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.store.RecordStore;
import org.millrace.store.ScanRange;
import org.millrace.store.StoredEntry;

/**
 * Texts that a node remembers as private records. Safe for use by any thread; reading may block for a page.
 *
 * @param store has the records
 * @param formats makes their contents
 */
record KeptTexts(RecordStore store, ContentFormats formats) {
    private static final int SLICE = 1_000;
    private static final int SLICE_BYTES = 1 << 20;

    /** The text of a record; empty if there is none. */
    String read(Path path) {
        StoredEntry stored = store.get(path);
        return stored == null ? "" : text(stored);
    }

    /** What a folder has of each node. */
    Map<Long, String> ofNodes(String folder) {
        Map<Long, String> texts = new HashMap<>();
        List<StoredEntry> slice = store.scan(ScanRange.prefix(folder), null, SLICE, SLICE_BYTES);
        while (!slice.isEmpty()) {
            for (StoredEntry stored : slice) {
                String node = stored.entry().path().toString().substring(folder.length());
                texts.put(Long.parseUnsignedLong(node, 16), text(stored));
            }
            slice = store.scan(ScanRange.prefix(folder), slice.getLast().entry().path(), SLICE, SLICE_BYTES);
        }
        return texts;
    }

    /** What makes a record hold a text. */
    Write write(Path path, String text) {
        return new Write.Put(
                path,
                formats.trusted(MediaType.OCTET_STREAM, text.getBytes(StandardCharsets.UTF_8)),
                WriteOptions.DEFAULT);
    }

    private static String text(StoredEntry stored) {
        return new String(stored.entry().content().toByteArray(), StandardCharsets.UTF_8);
    }
}
