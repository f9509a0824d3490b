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
 * A way from a node to the NATS server that can be cut, made slow and healed: a proxy on the loopback. Safe for use by any
 * thread.
 */
final class FaultyLink implements AutoCloseable {
    private static final int CHUNK = 16 << 10;

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;
    private volatile long delayMillis;

    private FaultyLink(ServerSocket server, int target) {
        this.server = server;
        this.target = target;
    }

    /** A link to a port of the loopback. */
    static FaultyLink to(int port) throws IOException {
        FaultyLink link = new FaultyLink(new ServerSocket(0, 16, InetAddress.getLoopbackAddress()), port);
        Thread.ofVirtual().start(link::accept);
        return link;
    }

    String url() {
        return "nats://127.0.0.1:" + server.getLocalPort();
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
            Socket nats = new Socket(InetAddress.getLoopbackAddress(), target);
            open.add(client);
            open.add(nats);
            Thread.ofVirtual().start(() -> carry(client, nats));
            Thread.ofVirtual().start(() -> carry(nats, client));
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
