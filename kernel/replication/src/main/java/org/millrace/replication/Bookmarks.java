package org.millrace.replication;

import java.util.HashMap;
import java.util.Map;
import org.millrace.content.ContentFormats;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Write;
import org.millrace.store.RecordStore;

/**
 * The copies that were begun and have not come to their end, one for each origin at most, as private records. Safe for use
 * by any thread; reading may block for a page.
 */
final class Bookmarks {
    private static final String FOLDER = "$internal/cluster/copy/";

    private final KeptTexts texts;

    Bookmarks(RecordStore store, ContentFormats formats) {
        this.texts = new KeptTexts(store, formats);
    }

    /** All there are, by origin. */
    Map<Long, Bookmark> all() {
        Map<Long, Bookmark> all = new HashMap<>();
        texts.ofNodes(FOLDER).forEach((origin, text) -> {
            Bookmark bookmark = Bookmark.parse(text);
            if (bookmark != null) {
                all.put(origin, bookmark);
            }
        });
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
        return texts.write(Path.of(FOLDER + Long.toHexString(origin)), text);
    }
}
