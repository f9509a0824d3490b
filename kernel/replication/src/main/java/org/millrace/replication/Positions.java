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
 * What a node has to remember of the cluster, as private records: which cluster it belongs to, how far its own changes
 * are in the stream, and how far it has come with each origin. Safe for use by any thread; reading may block for a page.
 */
final class Positions {
    private static final String FOLDER = "$internal/cluster/";
    private static final String ORIGINS = FOLDER + "origin/";
    private static final Path MEMBERSHIP = Path.of(FOLDER + "membership");
    private static final Path PUBLISHED = Path.of(FOLDER + "published");
    private static final Path CURSORS = Path.of(FOLDER + "cursors");
    private static final Path HOLDS = Path.of(FOLDER + "holds");
    private static final int SLICE = 1_000;
    private static final int SLICE_BYTES = 1 << 20;

    private final RecordStore store;
    private final ContentFormats formats;

    /**
     * How far this node has come with what others decided.
     *
     * @param applied the last change of each origin
     * @param resumeAfter up to where the stream has been dealt with; 0 if that was another stream
     */
    record Applied(Map<Long, Long> applied, long resumeAfter) {}

    /**
     * How far this node's own changes are in the stream.
     *
     * @param place up to where
     * @param stream which stream that was
     */
    record Published(Outbox.Place place, String stream) {}

    Positions(RecordStore store, ContentFormats formats) {
        this.store = store;
        this.formats = formats;
    }

    /** The cluster this node belongs to; empty if it has never been in one. */
    String membership() {
        return read(MEMBERSHIP);
    }

    Write membership(String cluster) {
        return write(MEMBERSHIP, cluster);
    }

    /** What is known of other nodes' places. */
    ForeignPlaces.Kept places() {
        return new ForeignPlaces.Kept(read(CURSORS), read(HOLDS));
    }

    List<Write> places(ForeignPlaces.Kept kept) {
        return List.of(write(CURSORS, kept.cursors()), write(HOLDS, kept.holds()));
    }

    /** How far the own changes are; an empty stream's name if none were ever sent. */
    Published published() {
        String[] parts = read(PUBLISHED).split(" ", 3);
        return parts.length < 3
                ? new Published(new Outbox.Place(0, 0), "")
                : new Published(new Outbox.Place(Long.parseLong(parts[0]), Long.parseLong(parts[1])), parts[2]);
    }

    Write published(Outbox.Place place, String stream) {
        return write(PUBLISHED, place.last() + " " + place.read() + " " + stream);
    }

    /** How far this node has come with all origins, in a certain stream. */
    Applied applied(String stream) {
        Map<Long, Long> applied = new HashMap<>();
        long resumeAfter = 0;
        Path after = null;
        while (true) {
            List<StoredEntry> slice = store.scan(ScanRange.prefix(ORIGINS), after, SLICE, SLICE_BYTES);
            if (slice.isEmpty()) {
                return new Applied(applied, resumeAfter);
            }
            for (StoredEntry stored : slice) {
                after = stored.entry().path();
                String[] parts = text(stored).split(" ", 3);
                applied.put(
                        Long.parseUnsignedLong(after.toString().substring(ORIGINS.length()), 16),
                        Long.parseLong(parts[0]));
                if (parts[2].equals(stream)) {
                    resumeAfter = Math.max(resumeAfter, Long.parseLong(parts[1]));
                }
            }
        }
    }

    Write applied(long origin, long last, long resumeAfter, String stream) {
        return write(Path.of(ORIGINS + Long.toHexString(origin)), last + " " + resumeAfter + " " + stream);
    }

    private String read(Path path) {
        StoredEntry stored = store.get(path);
        return stored == null ? "" : text(stored);
    }

    private static String text(StoredEntry stored) {
        return new String(stored.entry().content().toByteArray(), StandardCharsets.US_ASCII);
    }

    private Write write(Path path, String text) {
        return new Write.Put(
                path,
                formats.trusted(MediaType.OCTET_STREAM, text.getBytes(StandardCharsets.US_ASCII)),
                WriteOptions.DEFAULT);
    }
}
