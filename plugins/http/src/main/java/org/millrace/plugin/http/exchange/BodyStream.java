package org.millrace.plugin.http.exchange;

import java.nio.ByteBuffer;

/** The body of an answer, sent in parts. Used on the connection's event loop only. */
public interface BodyStream {
    /**
     * Sends a part; it reaches the socket with the next {@link #flush}.
     *
     * @param bytes from position to limit; must not be altered afterwards
     */
    void write(ByteBuffer bytes);

    /** Pushes what was written to the socket. */
    void flush();

    /**
     * Whether the socket takes more without piling up.
     *
     * @return false while the client reads more slowly than it is written to
     */
    boolean isWritable();

    /**
     * Sets what is told when the socket takes more again.
     *
     * @param listener called on the event loop
     */
    void onWritable(Runnable listener);

    /**
     * Sets what is told when the client has gone before the end.
     *
     * @param listener called at most once, on the event loop
     */
    void onClose(Runnable listener);

    /** Ends the body. */
    void end();

    /** Breaks the connection off, so that the client notices that the body is not complete. */
    void abort();
}
