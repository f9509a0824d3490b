package org.millrace.replication;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.content.ContentFormats;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.store.RecordStore;
import org.millrace.store.ScanRange;
import org.millrace.store.StoredEntry;

/**
 * The copies that were begun and have not come to their end, one for each origin at most, as private records. Safe for use
 * by any thread; reading may block for a page.
 */
final class Bookmarks {
    private static final String FOLDER = "$internal/cluster/copy/";
    private static final int SLICE = 1_000;
    private static final int SLICE_BYTES = 1 << 20;

    private final RecordStore store;
    private final ContentFormats formats;

    Bookmarks(RecordStore store, ContentFormats formats) {
        this.store = store;
        this.formats = formats;
    }

    /** All there are, by origin. */
    Map<Long, Bookmark> all() {
        Map<Long, Bookmark> all = new HashMap<>();
        @Nullable Path after = null;
        List<StoredEntry> slice = store.scan(ScanRange.prefix(FOLDER), after, SLICE, SLICE_BYTES);
        while (!slice.isEmpty()) {
            for (StoredEntry stored : slice) {
                after = stored.entry().path();
                Bookmark bookmark =
                        Bookmark.parse(new String(stored.entry().content().toByteArray(), StandardCharsets.UTF_8));
                if (bookmark != null) {
                    all.put(Long.parseUnsignedLong(after.toString().substring(FOLDER.length()), 16), bookmark);
                }
            }
            slice = store.scan(ScanRange.prefix(FOLDER), after, SLICE, SLICE_BYTES);
        }
        return all;
    }

    Write write(long origin, Bookmark bookmark) {
        return write(origin, bookmark.toString());
    }

    /** That there is none any more. Not a removal, which would be remembered and is refused if there is nothing. */
    Write none(long origin) {
        return write(origin, "");
    }

    private Write write(long origin, String text) {
        return new Write.Put(
                Path.of(FOLDER + Long.toHexString(origin)),
                formats.trusted(MediaType.OCTET_STREAM, text.getBytes(StandardCharsets.UTF_8)),
                WriteOptions.DEFAULT);
    }
}
