package org.millrace.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One open file of a journal. Writing and syncing is done by one thread at a time, reading by any number.
 *
 * <p>A thread that is interrupted inside a call may find the file closed under it (see
 * {@link java.nio.channels.InterruptibleChannel}); the journal's threads are never interrupted.
 */
public interface JournalFile extends Closeable {
    /**
     * Writes all remaining bytes.
     *
     * @param bytes read from its position to its limit
     * @param position where in the file
     * @throws NoSpaceException if the disk is full; any part of the bytes may have been written
     * @throws IOException on failure; any part of the bytes may have been written
     */
    void write(ByteBuffer bytes, long position) throws IOException;

    /**
     * Reads until the buffer or the file ends.
     *
     * @param into filled from its position
     * @param position where in the file
     * @return how many bytes were read, 0 at the file's end
     * @throws IOException on failure
     */
    int read(ByteBuffer into, long position) throws IOException;

    /**
     * Makes everything written so far survive a power cut ({@code fdatasync}).
     *
     * @throws IOException on failure, after which the file's content on disk is unknown
     */
    void sync() throws IOException;

    /**
     * The file's length.
     *
     * @return bytes
     * @throws IOException on failure
     */
    long size() throws IOException;
}
