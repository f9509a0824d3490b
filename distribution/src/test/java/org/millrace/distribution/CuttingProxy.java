package org.millrace.distribution;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;

/** A network between clients and a server that can be cut, and that finds the server again when its port changes. */
final class CuttingProxy implements AutoCloseable {
    private final ServerSocket listening;
    private final List<Pair> pairs = new CopyOnWriteArrayList<>();
    private volatile int target;

    CuttingProxy(int target) {
        this.target = target;
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    private record Pair(Socket client, Socket server) {
        void cut() {
            reset(client);
            reset(server);
        }

        private static void reset(Socket socket) {
            try {
                socket.setSoLinger(true, 0);
                socket.close();
            } catch (IOException e) {
                // It is cut already.
            }
        }
    }

    int port() {
        return listening.getLocalPort();
    }

    void target(int port) {
        target = port;
    }

    /** Cuts one connection, if there is one. */
    void cutOne(Random random) {
        List<Pair> now = List.copyOf(pairs);
        if (!now.isEmpty()) {
            now.get(random.nextInt(now.size())).cut();
        }
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                Thread.ofVirtual().start(() -> connect(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void connect(Socket client) {
        Socket server = new Socket();
        Pair pair = new Pair(client, server);
        try {
            server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), 5_000);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            pairs.add(pair);
            Thread.ofVirtual().start(() -> copy(server, client, pair));
            copy(client, server, pair);
        } catch (IOException e) {
            pair.cut(); // the server is not there at the moment
        }
    }

    private void copy(Socket from, Socket to, Pair pair) {
        byte[] buffer = new byte[8192];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            // One end is gone; so is the other now.
        }
        pair.cut();
        pairs.remove(pair);
    }

    @Override
    public void close() throws IOException {
        listening.close();
        pairs.forEach(Pair::cut);
    }
}
