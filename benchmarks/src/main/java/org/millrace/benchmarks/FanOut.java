package org.millrace.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Prints how many events a second one publisher gets to many subscribers, over event streams and over WebSocket.
 *
 * <p>Usage: {@code FanOut HOME [SECONDS [SUBSCRIBERS ...]]}, where HOME is an unpacked distribution, SECONDS is how long
 * each row is measured (3 unless given), after a warm-up of as long, and SUBSCRIBERS are how many there are (1000 and
 * 5000 unless given).
 *
 * <p>A closed loop: the publisher, a WebSocket connection, is so many events ahead of what all subscribers have
 * received. One thread does all of it.
 */
public final class FanOut implements AutoCloseable {
    private static final int AHEAD = 32;
    private static final String EVENT =
            "{\"temp\":21.5,\"site\":\"hall\",\"unit\":\"C\",\"text\":\"0123456789abcdef\"}";

    /** How events arrive. */
    private enum Kind {
        EVENT_STREAM("SSE"),
        WEBSOCKET("WebSocket, one record"),
        MULTIPLEXED("WebSocket, millrace.json");

        private final String title;

        Kind(String title) {
            this.title = title;
        }
    }

    private final Selector selector = Selector.open();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 18);
    private final byte[] bytes = new byte[1 << 18];
    private final List<SocketChannel> channels = new ArrayList<>();
    private final SocketChannel publisher;
    private final int subscribers;
    private final ByteBuffer publish =
            masked("{\"op\":\"publish\",\"path\":\"fan/1\",\"durability\":\"memory\",\"value\":" + EVENT + "}");
    private long published;
    private long received;

    private FanOut(InetSocketAddress http, Kind kind, int subscribers) throws IOException {
        this.subscribers = subscribers;
        for (int i = 0; i < subscribers; i++) {
            SocketChannel channel = SocketChannel.open(http);
            channels.add(channel);
            switch (kind) {
                case EVENT_STREAM ->
                    send(channel, "GET /fan/1?start=now HTTP/1.1\r\nHost: b\r\nAccept: text/event-stream\r\n\r\n");
                case WEBSOCKET -> upgrade(channel, "/fan/1?start=now", "");
                case MULTIPLEXED -> {
                    upgrade(channel, "/", "Sec-WebSocket-Protocol: millrace.json\r\n");
                    channel.write(masked("{\"id\":1,\"op\":\"subscribe\",\"filter\":\"fan/1\",\"start\":\"now\"}"));
                }
            }
            head(channel);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, kind == Kind.EVENT_STREAM ? new Lines() : new Frames());
        }
        publisher = SocketChannel.open(http);
        channels.add(publisher);
        upgrade(publisher, "/", "Sec-WebSocket-Protocol: millrace.json\r\n");
        head(publisher);
        // Answers to the subscribing, and what else is not an event, come first.
        drain();
        received = 0;
    }

    /**
     * Runs all rows.
     *
     * @param arguments the distribution's folder, how many seconds each row takes, numbers of subscribers
     * @throws IOException if the host cannot be started or breaks a connection off
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 1) {
            System.err.println("usage: FanOut HOME [SECONDS [SUBSCRIBERS ...]]   (HOME is an unpacked distribution)");
            System.exit(2);
        }
        long millis = arguments.length > 1 ? Long.parseLong(arguments[1]) * 1_000 : 3_000;
        List<Integer> sizes = new ArrayList<>();
        for (int i = 2; i < arguments.length; i++) {
            sizes.add(Integer.valueOf(arguments[i]));
        }
        Path data = Files.createTempDirectory("millrace-fan-out");
        try (ServerProcess server = ServerProcess.start(Path.of(arguments[0]), data)) {
            System.out.printf(
                    "%d processors, load generator and server on one machine%n",
                    Runtime.getRuntime().availableProcessors());
            System.out.println("| case | subscribers | events received per second | server CPU s per million |");
            System.out.println("|---|---|---|---|");
            for (int subscribers : sizes.isEmpty() ? List.of(1_000, 5_000) : sizes) {
                for (Kind kind : Kind.values()) {
                    row(server, kind, subscribers, millis);
                }
            }
        } finally {
            Benchmarks.deleteTree(data);
        }
    }

    private static void row(ServerProcess server, Kind kind, int subscribers, long millis) throws IOException {
        try (FanOut fan = new FanOut(server.listener("http"), kind, subscribers)) {
            fan.run(millis);
            long cpuBefore = server.cpuTime().toMillis();
            long before = fan.received;
            long nanos = fan.run(millis);
            long events = fan.received - before;
            System.out.printf(
                    "| %s, 1 publisher | %,d | %,.0f | %.2f |%n",
                    kind.title,
                    subscribers,
                    events * 1e9 / nanos,
                    (server.cpuTime().toMillis() - cpuBefore) * 1e3 / events);
        }
    }

    /** Publishes and reads for a time; gives how long it took. */
    private long run(long millis) throws IOException {
        long start = System.nanoTime();
        while (System.nanoTime() - start < millis * 1_000_000) {
            while (published - received / subscribers < AHEAD) {
                publish.rewind();
                while (publish.hasRemaining()) {
                    publisher.write(publish);
                }
                published++;
            }
            select(50);
        }
        return System.nanoTime() - start;
    }

    /** Reads until nothing has come for a while. */
    private void drain() throws IOException {
        while (select(500) > 0) {
            // more may come
        }
    }

    private int select(long timeout) throws IOException {
        return selector.select(
                key -> {
                    try {
                        read((SocketChannel) key.channel(), (Counter) key.attachment());
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                },
                timeout);
    }

    private void read(SocketChannel channel, Counter counter) throws IOException {
        buffer.clear();
        int n = channel.read(buffer);
        if (n < 0) {
            throw new EOFException("the server closed a connection");
        }
        buffer.flip();
        buffer.get(bytes, 0, n);
        received += counter.count(bytes, n);
    }

    /** Counts events in what is read piece by piece. */
    private interface Counter {
        int count(byte[] bytes, int length);
    }

    /** Events end with an empty line; those with data hold more than a comment does. */
    private static final class Lines implements Counter {
        private byte last;

        @Override
        public int count(byte[] bytes, int length) {
            int events = 0;
            byte before = last;
            for (int i = 0; i < length; i++) {
                byte b = bytes[i];
                if (b == '\n' && before == '\n') {
                    events++;
                }
                before = b;
            }
            last = before;
            return events;
        }
    }

    /** Frames of a server, which have no mask. */
    private static final class Frames implements Counter {
        private int head;
        private int lengthBytes;
        private long left;

        @Override
        public int count(byte[] bytes, int length) {
            int events = 0;
            int i = 0;
            while (i < length) {
                if (head == 0) {
                    head = 1;
                    i++;
                } else if (head == 1) {
                    int b = bytes[i++] & 0x7f;
                    lengthBytes = b == 126 ? 2 : b == 127 ? 8 : 0;
                    left = lengthBytes == 0 ? b : 0;
                    head = 2;
                } else if (lengthBytes > 0) {
                    left = left << 8 | bytes[i++] & 0xff;
                    lengthBytes--;
                } else {
                    int some = (int) Math.min(left, length - i);
                    i += some;
                    left -= some;
                }
                if (head == 2 && lengthBytes == 0 && left == 0) {
                    head = 0;
                    events++;
                }
            }
            return events;
        }
    }

    private static void upgrade(SocketChannel channel, String path, String field) throws IOException {
        send(
                channel,
                "GET " + path + " HTTP/1.1\r\nHost: b\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" + field
                        + "\r\n");
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    /** Reads the head of the answer, byte by byte, so that nothing behind it is lost. */
    private static void head(SocketChannel channel) throws IOException {
        StringBuilder head = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (head.indexOf("\r\n\r\n") < 0) {
            one.clear();
            if (channel.read(one) < 0) {
                throw new EOFException("the server answered " + head);
            }
            head.append((char) one.get(0));
        }
        if (!head.toString().startsWith("HTTP/1.1 200") && !head.toString().startsWith("HTTP/1.1 101")) {
            throw new IOException("the server answered " + head);
        }
    }

    /** A text frame under the mask of zeros. */
    private static ByteBuffer masked(String text) {
        byte[] payload = text.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 8).put((byte) 0x81);
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        }
        return frame.putInt(0).put(payload).flip();
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel channel : channels) {
            channel.close();
        }
        selector.close();
    }
}
