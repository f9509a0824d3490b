package org.millrace.store.kv;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.BitSet;

/**
 * Whether the pages that an LMDB file lacks at its end are free. LMDB does not write a page that one transaction takes and
 * gives back, so a file may end before its last page, and nothing is wrong with it. Read before LMDB maps the file, in which
 * a page that is missing and in use would end the process. Format of LMDB 0.9, as {@code mdb.c} describes {@code MDB_page},
 * {@code MDB_node} and the tree of free pages ({@code FREE_DBI}).
 */
final class LmdbFreePages {
    private static final int HEADER = 16;
    private static final int FLAGS = 10;
    private static final int LOWER = 12;
    private static final int BRANCH = 0x01;
    private static final int LEAF = 0x02;
    private static final int OVERFLOW = 0x04;
    private static final int NODE_HEADER = 8;
    private static final int ON_OVERFLOW_PAGES = 0x01;
    /** Far more than the tree of any file that fits a disk has. */
    private static final int DEEPEST = 32;

    private static final long NO_ROOT = -1;

    private final FileChannel channel;
    private final int pageSize;
    private final long firstMissing;
    private final int missing;
    private final BitSet free;

    private LmdbFreePages(FileChannel channel, int pageSize, long firstMissing, int missing) {
        this.channel = channel;
        this.pageSize = pageSize;
        this.firstMissing = firstMissing;
        this.missing = missing;
        this.free = new BitSet(missing);
    }

    /**
     * Looks for the missing pages among the free ones.
     *
     * @param channel the file
     * @param pageSize bytes
     * @param root the free pages' tree, by its page number
     * @param firstMissing the first page that the file does not have whole
     * @param missing how many there are from it on
     * @return whether all of them are free; false also if the tree cannot be read
     */
    static boolean cover(FileChannel channel, int pageSize, long root, long firstMissing, int missing)
            throws IOException {
        LmdbFreePages pages = new LmdbFreePages(channel, pageSize, firstMissing, missing);
        return root != NO_ROOT && pages.tree(root, 0) && pages.free.cardinality() == missing;
    }

    /** Whether the pages of a tree could be read. */
    private boolean tree(long number, int depth) throws IOException {
        if (depth > DEEPEST || number < 0 || number >= firstMissing) {
            return false;
        }
        ByteBuffer page = read(number * pageSize, pageSize);
        int flags = page.getShort(FLAGS);
        int nodes = (Short.toUnsignedInt(page.getShort(LOWER)) - HEADER) / 2;
        if ((flags & (BRANCH | LEAF)) == 0 || nodes < 0 || HEADER + nodes * 2 > pageSize) {
            return false;
        }
        for (int i = 0; i < nodes; i++) {
            int at = Short.toUnsignedInt(page.getShort(HEADER + i * 2));
            if (at + NODE_HEADER > pageSize) {
                return false;
            }
            boolean readable = (flags & BRANCH) != 0 ? tree(child(page, at), depth + 1) : takeLeaf(page, at);
            if (!readable) {
                return false;
            }
        }
        return true;
    }

    private static long child(ByteBuffer page, int node) {
        return Integer.toUnsignedLong(page.getInt(node)) | (long) Short.toUnsignedInt(page.getShort(node + 4)) << 32;
    }

    private boolean takeLeaf(ByteBuffer page, int node) throws IOException {
        int size = page.getInt(node);
        int flags = page.getShort(node + 4);
        int data = node + NODE_HEADER + Short.toUnsignedInt(page.getShort(node + 6));
        if (size < Long.BYTES || data + Long.BYTES > pageSize) {
            return false;
        }
        if ((flags & ON_OVERFLOW_PAGES) == 0) {
            return data + size <= pageSize && take(page.slice(data, size).order(ByteOrder.nativeOrder()));
        }
        long first = page.getLong(data);
        long last = first + (HEADER + (long) size - 1) / pageSize;
        if (first < 0 || last >= firstMissing) {
            return false;
        }
        ByteBuffer list = read(first * pageSize, HEADER + size);
        return (list.getShort(FLAGS) & OVERFLOW) != 0
                && take(list.slice(HEADER, size).order(ByteOrder.nativeOrder()));
    }

    /** A list of page numbers, with their count in front. */
    private boolean take(ByteBuffer list) {
        long count = list.getLong();
        if (count < 0 || count > list.remaining() / Long.BYTES) {
            return false;
        }
        for (long i = 0; i < count; i++) {
            long index = list.getLong() - firstMissing;
            if (index >= 0 && index < missing) {
                free.set((int) index);
            }
        }
        return true;
    }

    private ByteBuffer read(long position, int size) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
        int read;
        do {
            read = channel.read(bytes, position + bytes.position());
        } while (read > 0);
        return bytes.clear();
    }
}
