package org.millrace.distribution;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * A raw connection that follows records of the form {@code {"n":17}}, over event streams or WebSocket, and looks at the
 * numbers alone. It reads only when told to. Used by one thread.
 */
final class NumberReader implements AutoCloseable {
    private static final byte[] MARK = "\"n\":".getBytes(StandardCharsets.US_ASCII);

    private final SocketChannel channel;
    private final boolean every;
    private int matched;
    private long reading = -1;
    private long last;
    private long count;

    private NumberReader(SocketChannel channel, boolean every) {
        this.channel = channel;
        this.every = every;
    }

    /** An event stream of one record's changes from now on. */
    static NumberReader eventStream(int port, String path, boolean every) throws IOException {
        SocketChannel channel = connect(port);
        send(
                channel,
                "GET " + path + "?start=now&policy=" + policy(every)
                        + " HTTP/1.1\r\nHost: t\r\nAccept: text/event-stream\r\n\r\n");
        readTo(channel, "retry:");
        return new NumberReader(channel, every);
    }

    /** A subscription of the multiplexed protocol. */
    static NumberReader webSocket(int port, String path, boolean every) throws IOException {
        SocketChannel channel = multiplexed(port);
        channel.write(masked("{\"id\":1,\"op\":\"subscribe\",\"filter\":\"" + path.substring(1)
                + "\",\"start\":\"now\",\"policy\":\"" + policy(every) + "\"}"));
        readTo(channel, "}}");
        return new NumberReader(channel, every);
    }

    /** A connection that speaks {@code millrace.json}. */
    static SocketChannel multiplexed(int port) throws IOException {
        SocketChannel channel = connect(port);
        send(
                channel,
                "GET / HTTP/1.1\r\n"
                        + "Host: t\r\n"
                        + "Connection: Upgrade\r\n"
                        + "Upgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                        + "Sec-WebSocket-Protocol: millrace.json\r\n\r\n");
        readTo(channel, "\r\n\r\n");
        return channel;
    }

    private static String policy(boolean every) {
        return every ? "every" : "latest";
    }

    private static SocketChannel connect(int port) throws IOException {
        SocketChannel channel = SocketChannel.open();
        // What the client's own system buffers for it is not what the host has to bound. Less than a segment of the
        // loopback
        // interface, 64 KiB, would have the two systems wait for each other's timers.
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 128 * 1024);
        channel.connect(new InetSocketAddress("127.0.0.1", port));
        return channel;
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    /** A text frame under the mask of zeros. */
    static ByteBuffer masked(String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 8).put((byte) 0x81);
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        }
        return frame.putInt(0).put(payload).flip();
    }

    /** Reads up to and with a text, byte by byte, so that nothing behind it is lost. */
    static String readTo(SocketChannel channel, String end) throws IOException {
        StringBuilder read = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (read.indexOf(end) < 0) {
            one.clear();
            if (channel.read(one) < 0) {
                throw new EOFException("the host ended the connection after " + read);
            }
            read.append((char) (one.get(0) & 0xff));
        }
        return read.toString();
    }

    SocketChannel channel() {
        return channel;
    }

    /** Reads once what is there. */
    void read(ByteBuffer buffer) {
        try {
            buffer.clear();
            if (channel.read(buffer) < 0) {
                throw new EOFException("the host ended a connection at " + last);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        buffer.flip();
        while (buffer.hasRemaining()) {
            step(buffer.get());
        }
    }

    private void step(byte b) {
        if (reading >= 0) {
            if (b >= '0' && b <= '9') {
                reading = reading * 10 + b - '0';
                return;
            }
            found(reading);
            reading = -1;
        }
        matched = b == MARK[matched] ? matched + 1 : b == MARK[0] ? 1 : 0;
        if (matched == MARK.length) {
            matched = 0;
            reading = 0;
        }
    }

    private void found(long n) {
        if (every ? n != last + 1 : n <= last) {
            throw new AssertionError((every ? "every" : "latest") + ": after " + last + " came " + n);
        }
        last = n;
        count++;
    }

    /** The newest number seen. */
    long last() {
        return last;
    }

    /** How many numbers were seen. */
    long count() {
        return count;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
