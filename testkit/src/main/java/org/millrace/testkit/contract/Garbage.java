package org.millrace.testkit.contract;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import org.millrace.testkit.RawPeer;

/** What nobody should send, and how a plugin may take it. */
final class Garbage {
    private Garbage() {}

    /** Sends a datagram from an address of its own. */
    static void send(InetSocketAddress to, byte[] bytes) throws IOException {
        try (DatagramSocket peer = new DatagramSocket()) {
            peer.send(new DatagramPacket(bytes, bytes.length, to));
        }
    }

    /**
     * Connects, sends and leaves.
     *
     * @param wrong whether something is wrong with the bytes, so that the plugin need not take them
     * @param rudely whether the connection is reset
     * @param of names the peer in messages
     */
    static void connectAndSend(InetSocketAddress to, byte[] bytes, boolean wrong, boolean rudely, String of)
            throws Exception {
        try (RawPeer peer = RawPeer.connect(to)) {
            try {
                peer.send(bytes);
            } catch (UncheckedIOException e) {
                if (!wrong) {
                    throw e;
                }
                // The plugin may close before all was sent; but then it has to be closed for reading as well.
                try {
                    peer.readAll();
                } catch (AssertionError open) {
                    throw new AssertionError(
                            of + ": the plugin takes no more of the garbage, but does not close", open);
                }
            }
            if (rudely) {
                peer.reset();
            }
        }
    }
}
