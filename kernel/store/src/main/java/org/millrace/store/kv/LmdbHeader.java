package org.millrace.store.kv;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * What an LMDB file says of its size, read before LMDB maps it: a page that the header promises and the file does not
 * have would end the process at the first touch. Format of LMDB 0.9, as {@code mdb.c} describes {@code MDB_meta}.
 *
 * @param pages how many pages LMDB has taken
 * @param pageSize bytes
 * @param freeRoot the root of the tree of those that it has given back
 */
record LmdbHeader(long pages, int pageSize, long freeRoot) {
    private static final int MAGIC = 0xBEEFC0DE;
    private static final int PAGE_HEADER = 16;
    private static final int PAGE_SIZE = PAGE_HEADER + 24;
    private static final int FREE_ROOT = PAGE_HEADER + 24 + 40;
    private static final int LAST_PAGE = PAGE_HEADER + 24 + 2 * 48;
    private static final int TRANSACTION = LAST_PAGE + 8;
    private static final int BYTES = TRANSACTION + 8;

    /**
     * Refuses a file that is shorter than it says, unless what it lacks is free.
     *
     * @throws KvException if it is, or is no LMDB file
     */
    static void check(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size == 0) {
                return; // LMDB starts it anew
            }
            @Nullable LmdbHeader header = read(channel);
            if (header == null) {
                throw new KvException(KvException.Kind.FAILED, "cannot open the records: " + file + " is no LMDB file");
            }
            long missing = header.pages() - size / header.pageSize();
            if (missing > 0 && !header.coversMissing(channel, missing)) {
                throw new KvException(
                        KvException.Kind.FAILED,
                        file + " is cut off: it has " + size + " bytes, and its header says "
                                + header.pages() * header.pageSize()
                                + ". Restore a backup; if the journal goes back to change 1, removing the file has it"
                                + " built anew");
            }
        }
    }

    private boolean coversMissing(FileChannel channel, long missing) throws IOException {
        return missing <= Integer.MAX_VALUE
                && LmdbFreePages.cover(channel, pageSize, freeRoot, pages - missing, (int) missing);
    }

    /** The newer of the two meta pages, or null if none is one. */
    private static @Nullable LmdbHeader read(FileChannel channel) throws IOException {
        @Nullable LmdbHeader newest = null;
        long newestTransaction = -1;
        long second = 0;
        for (int page = 0; page < 2; page++) {
            ByteBuffer meta = ByteBuffer.allocate(BYTES).order(ByteOrder.nativeOrder());
            channel.read(meta, page == 0 ? 0 : second);
            if (meta.hasRemaining() || meta.getInt(PAGE_HEADER) != MAGIC) {
                break;
            }
            long pageSize = Integer.toUnsignedLong(meta.getInt(PAGE_SIZE));
            second = pageSize;
            if (meta.getLong(TRANSACTION) > newestTransaction) {
                newestTransaction = meta.getLong(TRANSACTION);
                newest = new LmdbHeader(meta.getLong(LAST_PAGE) + 1, (int) pageSize, meta.getLong(FREE_ROOT));
            }
        }
        return newest;
    }
}
