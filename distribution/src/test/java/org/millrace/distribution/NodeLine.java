package org.millrace.distribution;

import java.io.IOException;
import java.util.List;

/** How a node of a cluster reaches the NATS server, and clients the node: a line that can fail. For one thread. */
interface NodeLine extends AutoCloseable {
    /** What the host's command has to be preceded by. */
    List<String> within();

    /** The URL under which the node reaches NATS. */
    String nats();

    /** The ports of the loopback under which clients reach the node, as {@link FaultyCluster#LISTENERS}; 0 for any. */
    int[] ports();

    /** Nothing comes through any more between node and NATS; who is connected does not notice at once. */
    void cut();

    /** What comes through takes longer. */
    void delay(long millis);

    /** Everything comes through at once again. */
    void heal();

    @Override
    void close() throws IOException;

    /** A line of the loopback, through a proxy. */
    static NodeLine onLoopback(int natsPort) throws IOException {
        FaultyLink link = FaultyLink.to(natsPort);
        return new NodeLine() {
            @Override
            public List<String> within() {
                return List.of();
            }

            @Override
            public String nats() {
                return link.url();
            }

            @Override
            public int[] ports() {
                return new int[FaultyCluster.LISTENERS.size()];
            }

            @Override
            public void cut() {
                link.cut();
            }

            @Override
            public void delay(long millis) {
                link.delay(millis);
            }

            @Override
            public void heal() {
                link.heal();
            }

            @Override
            public void close() throws IOException {
                link.close();
            }
        };
    }
}
