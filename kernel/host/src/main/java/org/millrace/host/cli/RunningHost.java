package org.millrace.host.cli;

import java.net.InetSocketAddress;
import java.util.SequencedMap;

/** A host that serves, as the command line sees it. */
public interface RunningHost extends AutoCloseable {
    /**
     * The listeners.
     *
     * @return each listener's name and where it is bound, in the order of the ready line
     */
    SequencedMap<String, InetSocketAddress> listeners();

    /**
     * Says good-bye to clients, stops the plugins, and closes the store. Returns when all is durable and closed, or
     * when the configured {@code shutdown-timeout} has passed. Called once, by any thread.
     */
    @Override
    void close();
}
