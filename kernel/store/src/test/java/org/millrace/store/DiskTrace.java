package org.millrace.store;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a process did to its disk, in order, as {@code disk.c} wrote it down. */
record DiskTrace(List<Act> acts) {
    /** One act; {@code thread} tells which sync ends. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Act(Kind kind, long thread, long inode, long offset, byte[] bytes) {
        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** In the order of the numbers in {@code disk.c}. */
    enum Kind {
        CREATE,
        WRITE,
        WRITE_THROUGH,
        SYNC_BEGIN,
        SYNC_END,
        TRUNCATE,
        RENAME,
        UNLINK
    }

    static DiskTrace read(Path file) {
        List<Act> acts = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 20))) {
            byte[] head = new byte[40];
            while (true) {
                try {
                    in.readFully(head);
                } catch (EOFException e) {
                    return new DiskTrace(acts);
                }
                ByteBuffer numbers = ByteBuffer.wrap(head).order(ByteOrder.nativeOrder());
                Kind kind = Kind.values()[(int) numbers.getLong() - 1];
                long thread = numbers.getLong();
                long inode = numbers.getLong();
                long offset = numbers.getLong();
                byte[] bytes = in.readNBytes((int) numbers.getLong());
                acts.add(new Act(kind, thread, inode, offset, bytes));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
