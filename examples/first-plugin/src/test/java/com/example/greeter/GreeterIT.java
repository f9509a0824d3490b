package com.example.greeter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.millrace.testkit.EmbeddedHost;
import org.millrace.testkit.RawPeer;
import org.millrace.testkit.junit.HostExtension;

/** The packed plugin in a real host, beside HTTP. */
class GreeterIT {
    @RegisterExtension
    static final HostExtension<EmbeddedHost> HOST = HostExtension.embedded(folder -> EmbeddedHost.builder(folder)
            .plugin(Path.of(System.getProperty("plugin.jar")))
            .set("greeter.port", "0")
            .start());

    private static HttpRequest.Builder http(EmbeddedHost host, String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + host.address("http").getPort() + path));
    }

    @Test
    void bothProtocolsHaveTheSameRecords(EmbeddedHost host) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient();
                RawPeer peer = RawPeer.connect(host.address("greeter"))) {
            peer.send("PUT sensors/hall {\"temp\":21}\n").expect("OK\n");
            assertEquals(
                    "{\"temp\":21}",
                    client.send(http(host, "/sensors/hall").build(), BodyHandlers.ofString())
                            .body());

            peer.send("FOLLOW sensors/+\n").expect("OK\nCHANGE sensors/hall {\"temp\":21}\n");
            client.send(
                    http(host, "/sensors/hall")
                            .header("Content-Type", "application/json")
                            .PUT(BodyPublishers.ofString("{\"temp\":22}"))
                            .build(),
                    BodyHandlers.discarding());
            peer.expect("CHANGE sensors/hall {\"temp\":22}\n");
        }
    }
}
