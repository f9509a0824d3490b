package org.millrace.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * One connection of a closed loop: keeps a number of requests in flight and takes the time of each answer. Owned by the
 * loop's thread.
 */
abstract class LoadConnection {
    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocateDirect(1 << 18);
    private final ByteBuffer out = ByteBuffer.allocateDirect(1 << 18);

    /** Connects, blocking. */
    LoadConnection(InetSocketAddress address) throws IOException {
        channel = SocketChannel.open(address);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        in.flip();
    }

    SocketChannel channel() {
        return channel;
    }

    /** Sends as many requests as may be in flight. */
    abstract void fill(Measurement measurement) throws IOException;

    /**
     * Takes one whole answer off the buffer.
     *
     * @return false if it is not whole yet; the buffer's position is then left alone
     */
    abstract boolean take(ByteBuffer buffer, Measurement measurement) throws IOException;

    void read(Measurement measurement) throws IOException {
        in.compact();
        int n = channel.read(in);
        in.flip();
        if (n < 0) {
            throw new EOFException("the server closed a connection");
        }
        while (in.hasRemaining() && take(in, measurement)) {
            // one answer at a time
        }
    }

    /** Whether that many bytes can be sent without waiting for the socket. */
    boolean hasRoomFor(int bytes) {
        return out.remaining() >= bytes;
    }

    ByteBuffer out() {
        return out;
    }

    /** Writes what is buffered; true if some of it is left. */
    boolean flush() throws IOException {
        out.flip();
        try {
            while (out.hasRemaining() && channel.write(out) > 0) {
                // until the socket is full
            }
            return out.hasRemaining();
        } finally {
            out.compact();
        }
    }
}
