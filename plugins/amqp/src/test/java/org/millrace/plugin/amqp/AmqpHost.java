package org.millrace.plugin.amqp;

import java.util.HashMap;
import java.util.Map;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.ClientOptions;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.millrace.testkit.InMemoryHost;
import org.millrace.testkit.RawPeer;

/** A host in memory that serves AMQP on a free port, and clients connected to it. */
final class AmqpHost implements AutoCloseable {
    private final InMemoryHost host;
    private final Client client;

    private AmqpHost(InMemoryHost host, Client client) {
        this.host = host;
        this.client = client;
    }

    /** Starts a host; the settings are keys and values in turn. */
    static AmqpHost start(String... settings) throws Exception {
        Map<String, String> all = new HashMap<>();
        all.put("port", "0");
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        InMemoryHost host = InMemoryHost.create();
        host.start("amqp", new AmqpPlugin(), all);
        return new AmqpHost(host, Client.create());
    }

    InMemoryHost host() {
        return host;
    }

    int port() {
        return host.address("amqp").getPort();
    }

    /** A client of its own container, without SASL credentials. */
    Connection connect() throws Exception {
        return connect(new ConnectionOptions());
    }

    Connection connect(ConnectionOptions options) throws Exception {
        options.reconnectEnabled(false);
        return client.connect("127.0.0.1", port(), options);
    }

    /** A client whose container has a name. */
    Connection connectAs(String container) throws Exception {
        return Client.create(new ClientOptions().id(container)).connect("127.0.0.1", port());
    }

    RawPeer peer() {
        return RawPeer.connect(host.address("amqp"));
    }

    @Override
    public void close() throws Exception {
        client.close();
        host.close();
    }
}
