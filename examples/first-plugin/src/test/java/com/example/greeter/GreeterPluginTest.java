package com.example.greeter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.millrace.spi.identity.Identity;
import org.millrace.testkit.InMemoryHost;
import org.millrace.testkit.RawPeer;
import org.millrace.testkit.junit.HostExtension;

/** The plugin in a host in memory, one for each test. */
class GreeterPluginTest {
    @RegisterExtension
    final HostExtension<InMemoryHost> extension = HostExtension.inMemory("greeter", GreeterPlugin::new, Map.of());

    private static RawPeer connect(InMemoryHost host) {
        return RawPeer.connect(host.address("greeter"));
    }

    @Test
    void whatOneClientPutsAnotherGets(InMemoryHost host) {
        try (RawPeer one = connect(host);
                RawPeer another = connect(host)) {
            one.send("PUT sensors/hall {\"temp\":21}\n").expect("OK\n");
            another.send("GET sensors/hall\n").expect("VALUE {\"temp\":21}\n");
        }
    }

    @Test
    void aRecordThatIsNotThereIsAnError(InMemoryHost host) {
        try (RawPeer peer = connect(host)) {
            peer.send("GET sensors/none\n").expect("ERROR not-found there is no such record\n");
        }
    }

    @Test
    void aFollowerSeesTheRecordsThereAreAndThenTheirChanges(InMemoryHost host) {
        try (RawPeer writer = connect(host);
                RawPeer follower = connect(host)) {
            writer.send("PUT sensors/hall 1\n").expect("OK\n");
            follower.send("FOLLOW sensors/#\n").expect("OK\nCHANGE sensors/hall 1\n");
            writer.send("PUT sensors/hall 2\n").expect("OK\n");
            follower.expect("CHANGE sensors/hall 2\n");
        }
    }

    @Test
    void requestsOfOneClientAreAnsweredInTheirOrder(InMemoryHost host) {
        try (RawPeer peer = connect(host)) {
            peer.send("PUT a/1 1\nGET a/1\nPUT a/1 2\nGET a/1\nBAKE a/1\nQUIT\n");
            assertEquals("""
                OK
                VALUE 1
                OK
                VALUE 2
                ERROR invalid no command 'BAKE'; there are LOGIN, PUT, GET, FOLLOW, QUIT
                """, peer.readAll());
        }
    }

    @Test
    void whereCredentialsAreNeededAClientLogsIn(InMemoryHost host) {
        host.addUser("ada:secret", new Identity("ada", java.util.Set.of()));
        host.allowAnonymous(false);
        try (RawPeer peer = connect(host)) {
            peer.send("GET a/1\n").expect("ERROR unauthenticated LOGIN with a user and a password first\n");
            peer.send("LOGIN ada wrong\n").expect("ERROR unauthenticated");
            peer.readUntil("\n");
            peer.send("LOGIN ada secret\n").expect("OK\n");
            peer.send("PUT a/1 1\n").expect("OK\n");
        }
    }
}
