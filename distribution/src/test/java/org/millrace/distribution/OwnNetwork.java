package org.millrace.distribution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A network of a node's own, with a pair of virtual interfaces to that of NATS, so that the line between node and NATS
 * fails as a network does: what is sent is lost, and nobody is told. Delays are netem's where the kernel has it, and a
 * narrow line's otherwise. Clients come in from the loopback by a way that does not fail. No address is seen outside.
 */
final class OwnNetwork implements NodeLine {
    static final int NATS_PORT = 4222;

    private static final String INTERFACE = "nats";

    private final NetworkNamespace hub;
    private final NetworkNamespace own;
    private final int number;
    private final List<FaultyLink> clients = new ArrayList<>();

    private OwnNetwork(NetworkNamespace hub, NetworkNamespace own, int number) {
        this.hub = hub;
        this.own = own;
        this.number = number;
    }

    /** Why this machine does not let a test make networks; empty if it does. */
    static String obstacle() {
        try (NetworkNamespace hub = NetworkNamespace.create();
                OwnNetwork probe = create(hub, 0)) {
            probe.cut();
            probe.delay(100);
            probe.heal();
            return "";
        } catch (IOException | UncheckedIOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /**
     * Makes one, its line up.
     *
     * @param hub the network in which NATS listens at {@link #NATS_PORT}, on all addresses
     * @param number the node's, below 200
     */
    static OwnNetwork create(NetworkNamespace hub, int number) throws IOException {
        OwnNetwork network = new OwnNetwork(hub, NetworkNamespace.create(), number);
        try {
            hub.join(
                    network.own,
                    new NetworkNamespace.End(network.hubEnd(), network.address(1) + "/30"),
                    new NetworkNamespace.End(INTERFACE, network.address(2) + "/30"));
            for (int i = 0; i < FaultyCluster.LISTENERS.size(); i++) {
                // The node listens under the same number, so that what a test knows of ports holds outside, too.
                network.clients.add(FaultyLink.toSamePort(network.own));
            }
            return network;
        } catch (IOException e) {
            network.close();
            throw e;
        }
    }

    private String hubEnd() {
        return "node" + number;
    }

    /** One of a range that is set aside for measuring networks (RFC 2544). */
    private String address(int end) {
        return "198.18." + number + "." + end;
    }

    @Override
    public List<String> within() {
        return own.within();
    }

    @Override
    public String nats() {
        return "nats://" + address(1) + ":" + NATS_PORT;
    }

    @Override
    public int[] ports() {
        return clients.stream().mapToInt(FaultyLink::port).toArray();
    }

    @Override
    public void cut() {
        run(hub, "ip", "link", "set", hubEnd(), "down");
    }

    @Override
    public void delay(long millis) {
        try {
            own.run(qdisc("replace", "netem", "delay", millis + "ms", "20ms", "loss", "1%"));
        } catch (IOException e) {
            // The kernel has no netem.
            run(own, qdisc("replace", "tbf", "rate", "512kbit", "burst", "16kb", "latency", "2s"));
        }
    }

    private static String[] qdisc(String act, String... how) {
        List<String> all = new ArrayList<>(List.of("tc", "qdisc", act, "dev", INTERFACE, "root"));
        all.addAll(List.of(how));
        return all.toArray(String[]::new);
    }

    @Override
    public void heal() {
        run(hub, "ip", "link", "set", hubEnd(), "up");
        // Replaced first, for there is none to be deleted if the line was not slow.
        run(own, qdisc("replace", "pfifo"));
        run(own, qdisc("del"));
    }

    private static void run(NetworkNamespace where, String... command) {
        try {
            where.run(command);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            for (FaultyLink client : clients) {
                client.close();
            }
        } finally {
            own.close();
        }
    }
}
