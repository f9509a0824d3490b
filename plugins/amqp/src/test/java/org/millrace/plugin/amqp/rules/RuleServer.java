package org.millrace.plugin.amqp.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Sender;
import org.awaitility.Awaitility;
import org.millrace.testkit.InMemoryHost;

/** What a rule is tried with: a server, an address nobody else uses, and peers, which are closed in the end. */
final class RuleServer implements AutoCloseable {
    private final InMemoryHost host;
    private final String name;
    private final List<Peer> peers = new ArrayList<>();

    RuleServer(InMemoryHost host, String name) {
        this.host = host;
        this.name = name;
    }

    InMemoryHost host() {
        return host;
    }

    int port() {
        return host.address("amqp").getPort();
    }

    /** A path of this rule alone. */
    String path() {
        return name + "/a";
    }

    /** A queue of this rule alone. */
    String queue() {
        return "queues/" + name;
    }

    String container() {
        return "container-" + name;
    }

    /** A peer that is connected and has exchanged the headers. */
    Peer connected() throws Exception {
        Peer peer = new Peer(port());
        peers.add(peer);
        return peer;
    }

    /** A peer with an open connection. */
    Peer opened() throws Exception {
        return connected().open(container());
    }

    /** A peer with a session. */
    Peer begun() throws Exception {
        return opened().begin();
    }

    /** A peer with a session that comes when another's connection has broken. */
    Peer begunAfter(Peer broken) throws Exception {
        broken.close();
        awaitNoConnection();
        return begun();
    }

    /** Waits until the server has closed what connections there were. */
    void awaitNoConnection() {
        Awaitility.await()
                .atMost(20, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(host.connections("amqp")).isZero());
    }

    /** Sends messages with another client, and waits until they are accepted. */
    void send(String address, String... texts) throws Exception {
        try (Client client = Client.create();
                Connection connection = client.connect("127.0.0.1", port());
                Sender sender = connection.openSender(address)) {
            for (String text : texts) {
                sender.send(Message.create(text)).awaitAccepted(10, TimeUnit.SECONDS);
            }
        }
    }

    @Override
    public void close() {
        peers.forEach(Peer::close);
        host.faults().saturate(false);
        host.faults().releaseAcknowledgements();
        host.faults().guard((_, _, _) -> true);
    }
}
