package org.millrace.replication;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.millrace.content.ContentFormats;
import org.millrace.journal.ChangeFrames;
import org.millrace.journal.Journal;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Version;
import org.millrace.store.RecordStore;
import org.millrace.store.Removal;
import org.millrace.store.ScanRange;
import org.millrace.store.StoredEntry;

/**
 * Gives this node's records, and its memory of removals, page by page to a node that cannot get the changes any more. A
 * request is one letter, for records or removals, and the path behind which to go on; a page is the place up to which
 * the records are complete (u64), then changes that set or remove them. Without changes it is the end.
 *
 * <p>A letter with a table and ranges of it, as bits in hexadecimal, between two characters of code 1, asks for those of
 * that table alone.
 *
 * <p>A page that is larger than the NATS servers take, for a single large record, is given piece by piece: such an answer
 * is -1, the page's length and checksum (u64 each), and the piece that begins where the request says, between two NULs
 * before the path.
 *
 * <p>Records may change between two pages: what is later than the first page's place comes through the stream. Safe for
 * use by any thread; blocks for the disk.
 */
final class Copies {
    /** Asks for records. */
    static final char RECORDS = 'R';
    /** Asks for removals. */
    static final char REMOVALS = 'D';

    private static final long PIECE = -1;
    private static final int PIECE_HEAD = 3 * Long.BYTES;

    private static final int PAGE_BYTES = 512 << 10;
    private static final int PAGE_RECORDS = 1_000;

    private final Journal journal;
    private final RecordStore store;
    private final long maxPayload;
    private final Own shared;

    /**
     * A page as it is read.
     *
     * @param through up to which change of its node the records are complete
     * @param changes what sets or removes records
     */
    record Page(long through, List<Change> changes) {}

    Copies(Journal journal, RecordStore store, Own shared, long maxPayload) {
        this.journal = journal;
        this.store = store;
        this.shared = shared;
        this.maxPayload = maxPayload;
    }

    /**
     * What is asked for.
     *
     * @param table of which table; null for all
     * @param ranges which ranges of it, as bits
     */
    record Part(@Nullable String table, long ranges) {
        static final Part ALL = new Part(null, -1);

        boolean includes(Path path) {
            return table == null || path.table().equals(table) && (ranges >>> TreeHash.range(path) & 1) != 0;
        }
    }

    /** A request for a page, or for what it has from an offset on. */
    static byte[] request(char kind, Part part, @Nullable Path after, int offset) {
        String from = (part.table() == null ? "" : "\1" + Long.toHexString(part.ranges()) + ":" + part.table() + "\1")
                + (offset == 0 ? "" : "\0" + offset + "\0");
        return (kind + from + (after == null ? "" : after.toString())).getBytes(StandardCharsets.UTF_8);
    }

    /** Gathers the pieces of a page that does not come at once. */
    static final class Pieces {
        private long checksum;
        private @Nullable ByteBuffer page;

        /** Takes an answer; returns the page if it is whole now, or null. */
        byte @Nullable [] offer(byte[] answer) {
            ByteBuffer bytes = ByteBuffer.wrap(answer);
            if (bytes.getLong() != PIECE) {
                return answer;
            }
            int length = Math.toIntExact(bytes.getLong());
            long sum = bytes.getLong();
            ByteBuffer begun = page;
            if (begun == null || begun.capacity() != length || sum != checksum) {
                // The record has changed meanwhile: what has come is of no use, and this may be from its middle.
                boolean first = begun == null;
                begun = ByteBuffer.allocate(length);
                page = begun;
                checksum = sum;
                if (!first) {
                    return null;
                }
            }
            begun.put(bytes);
            return begun.hasRemaining() ? null : begun.array();
        }

        /** Where the next piece begins. */
        int offset() {
            return page == null ? 0 : page.position();
        }
    }

    static Page read(byte[] page, long node, ContentFormats formats) {
        ByteBuffer bytes = ByteBuffer.wrap(page);
        long through = bytes.getLong();
        return new Page(through, ChangeFrames.read(bytes, node, formats::trusted));
    }

    /** Answers a request. */
    byte[] page(byte[] request) {
        String text = new String(request, StandardCharsets.UTF_8);
        int at = 1;
        Part part = Part.ALL;
        if (text.length() > at && text.charAt(at) == 1) {
            int colon = text.indexOf(':', at);
            int end = text.indexOf('\1', at + 1);
            part = new Part(text.substring(colon + 1, end), Long.parseUnsignedLong(text, at + 1, colon, 16));
            at = end + 1;
        }
        int pathAt = text.length() > at && text.charAt(at) == 0 ? text.indexOf('\0', at + 1) + 1 : at;
        int offset = pathAt == at ? 0 : Integer.parseInt(text, at + 1, pathAt - 1, 10);
        Path after = text.length() == pathAt ? null : Path.of(text.substring(pathAt));
        // Looked at first: what the records on disk contain, and removals with them.
        long through = store.status().appliedSeq();
        List<Change> changes = text.charAt(0) == RECORDS ? records(part, after) : removals(part, after);
        List<Change> fitting = new ArrayList<>();
        long limit = Math.min(PAGE_BYTES, maxPayload);
        long size = Long.BYTES;
        for (Change change : changes) {
            size += ChangeFrames.maxSize(change);
            if (size > limit && !fitting.isEmpty()) {
                break;
            }
            fitting.add(change);
        }
        long room = Long.BYTES;
        for (Change change : fitting) {
            room += ChangeFrames.maxSize(change);
        }
        ByteBuffer page = ByteBuffer.allocate(Math.toIntExact(room)).putLong(through);
        fitting.forEach(change -> ChangeFrames.write(change, page));
        return page.position() > maxPayload
                ? piece(page.array(), page.position(), offset)
                : Arrays.copyOf(page.array(), page.position());
    }

    private byte[] piece(byte[] page, int length, int offset) {
        CRC32C checksum = new CRC32C();
        // Without the place, which moves on.
        checksum.update(page, Long.BYTES, length - Long.BYTES);
        int from = Math.min(offset, length);
        int size = (int) Math.min(maxPayload - PIECE_HEAD, length - from);
        return ByteBuffer.allocate(PIECE_HEAD + size)
                .putLong(PIECE)
                .putLong(length)
                .putLong(checksum.getValue())
                .put(page, from, size)
                .array();
    }

    private List<Change> records(Part part, @Nullable Path after) {
        ScanRange range = ScanRange.prefix(part.table() == null ? "" : part.table());
        List<Change> changes = new ArrayList<>();
        @Nullable Path from = after;
        while (changes.isEmpty()) {
            List<StoredEntry> slice = store.scan(range, from, PAGE_RECORDS, PAGE_BYTES);
            if (slice.isEmpty()) {
                return changes;
            }
            for (StoredEntry stored : slice) {
                Entry entry = stored.entry();
                from = entry.path();
                if (shared.isShared(from) && part.includes(from)) {
                    changes.add(change(ChangeKind.PUT, from, entry.version(), changes.size())
                            .content(entry.content())
                            .properties(entry.properties())
                            .expiresAt(entry.expiresAt())
                            .qos(entry.qos())
                            .build());
                }
            }
        }
        return changes;
    }

    private List<Change> removals(Part part, @Nullable Path after) {
        List<Change> changes = new ArrayList<>();
        @Nullable Path from = after;
        while (changes.isEmpty()) {
            List<Removal> slice = store.removals(from, PAGE_RECORDS);
            if (slice.isEmpty()) {
                return changes;
            }
            for (Removal removal : slice) {
                from = removal.path();
                ChangeKind kind = removal.ranOut() ? ChangeKind.EXPIRE : ChangeKind.DELETE;
                if (shared.isShared(from) && part.includes(from)) {
                    changes.add(change(kind, from, removal.version(), changes.size())
                            .build());
                }
            }
        }
        return changes;
    }

    private Change.Builder change(ChangeKind kind, Path path, Version version, int number) {
        return Change.of(kind, path, version, new Cursor(journal.node(), number + 1L));
    }
}
