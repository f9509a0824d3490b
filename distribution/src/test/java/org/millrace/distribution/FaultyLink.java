package org.millrace.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A way from the loopback to a server, such as from a node to NATS, that can be cut, made slow and healed: a proxy of this
 * process. Safe for use by any thread.
 */
final class FaultyLink implements AutoCloseable {
    private static final int CHUNK = 16 << 10;
    private static final int BACKLOG = 64;

    private final ServerSocket server;
    private final Way way;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;
    private volatile long delayMillis;

    private FaultyLink(ServerSocket server, Way way) {
        this.server = server;
        this.way = way;
    }

    /** How the server is reached. */
    private interface Way {
        Socket connect() throws IOException;
    }

    /** A link to a port of the loopback. */
    static FaultyLink to(int port) throws IOException {
        return new FaultyLink(listen(), () -> new Socket(InetAddress.getLoopbackAddress(), port)).begin();
    }

    /** A link to the same port of the loopback in another network. */
    static FaultyLink toSamePort(NetworkNamespace network) throws IOException {
        ServerSocket server = listen();
        return new FaultyLink(server, () -> network.connect(server.getLocalPort())).begin();
    }

    private static ServerSocket listen() throws IOException {
        return new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    }

    private FaultyLink begin() {
        Thread.ofVirtual().start(this::accept);
        return this;
    }

    String url() {
        return "nats://127.0.0.1:" + port();
    }

    int port() {
        return server.getLocalPort();
    }

    /** Nothing comes through any more, in either direction; who is connected does not notice at once. */
    void cut() {
        cut = true;
    }

    /** What comes through takes longer. */
    void delay(long millis) {
        delayMillis = millis;
    }

    /** Everything comes through at once again; what was connected while it was cut has to connect anew. */
    void heal() {
        delayMillis = 0;
        if (cut) {
            cut = false;
            open.forEach(FaultyLink::close);
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                connect(server.accept());
            } catch (IOException e) {
                // Closed, which the loop sees.
            }
        }
    }

    private void connect(Socket client) {
        try {
            Socket there = way.connect();
            open.add(client);
            open.add(there);
            Thread.ofVirtual().start(() -> carry(client, there));
            Thread.ofVirtual().start(() -> carry(there, client));
        } catch (IOException e) {
            close(client); // the server is away, as the client learns so
        }
    }

    private void carry(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] chunk = new byte[CHUNK];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                TimeUnit.MILLISECONDS.sleep(delayMillis);
                while (cut && !from.isClosed()) {
                    TimeUnit.MILLISECONDS.sleep(20);
                }
                out.write(chunk, 0, read);
            }
        } catch (IOException e) {
            // One of both is gone, and with it the connection.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(from);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        open.forEach(FaultyLink::close);
    }
}
