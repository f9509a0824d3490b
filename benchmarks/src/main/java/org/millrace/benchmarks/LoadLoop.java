package org.millrace.benchmarks;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;

/**
 * Drives connections from one thread until a time is over. A loop may be run several times in a row, for a warm-up and a
 * measurement, with the connections staying open.
 */
final class LoadLoop implements AutoCloseable {
    private final Selector selector;
    private final List<? extends LoadConnection> connections;

    private LoadLoop(Selector selector, List<? extends LoadConnection> connections) {
        this.selector = selector;
        this.connections = connections;
    }

    /** Takes over connected connections and closes them in the end. */
    static LoadLoop over(List<? extends LoadConnection> connections) throws IOException {
        Selector selector = Selector.open();
        for (LoadConnection connection : connections) {
            connection.channel().configureBlocking(false);
            connection.channel().register(selector, SelectionKey.OP_READ, connection);
        }
        return new LoadLoop(selector, connections);
    }

    /** Keeps every connection busy for a time and gives what happened in it. */
    Measurement run(long millis) throws IOException {
        Measurement measurement = new Measurement();
        long start = System.nanoTime();
        long end = start + millis * 1_000_000;
        while (System.nanoTime() < end) {
            // Every connection, not only those that can be read: a publisher may wait for what its subscriber got.
            for (LoadConnection connection : connections) {
                connection.fill(measurement);
            }
            selector.select(
                    key -> {
                        LoadConnection connection = (LoadConnection) key.attachment();
                        try {
                            if (key.isReadable()) {
                                connection.read(measurement);
                            }
                            boolean pending = connection.flush();
                            key.interestOps(
                                    pending ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    },
                    50);
        }
        measurement.finish(System.nanoTime() - start);
        return measurement;
    }

    @Override
    public void close() throws IOException {
        for (LoadConnection connection : connections) {
            connection.channel().close();
        }
        selector.close();
    }
}
