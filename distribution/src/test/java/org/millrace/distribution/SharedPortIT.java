package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.testkit.RawPeer;

/** One port for HTTP, MQTT, AMQP and what WebSocket carries. */
class SharedPortIT {
    @TempDir
    Path folder;

    @Test
    void clientsOfEveryProtocolComeByOnePort() {
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"), "--set", "shared.port=0")) {
            InetSocketAddress shared = new InetSocketAddress(InetAddress.getLoopbackAddress(), host.port("shared"));
            try (Mosquitto.Subscriber subscriber = new Mosquitto(shared.getPort()).subscribe("-t", "t/#")) {
                try (RawPeer http = RawPeer.connect(shared)) {
                    http.send("PUT /t/1 HTTP/1.1\r\n"
                                    + "Host: x\r\n"
                                    + "Content-Type: application/json\r\n"
                                    + "Content-Length: 2\r\n\r\n"
                                    + "21")
                            .expect("HTTP/1.1 201 Created\r\n");
                }
                subscriber.await("t/1 21");
            }
            try (RawPeer amqp = RawPeer.connect(shared)) {
                amqp.send("AMQP\0\1\0\0").expect("AMQP");
            }
            try (RawPeer webSocket = RawPeer.connect(shared)) {
                webSocket
                        .send("GET /t/1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                        .expect("HTTP/1.1 101 ");
            }
            try (RawPeer stranger = RawPeer.connect(shared)) {
                stranger.send("SSH-2.0-OpenSSH_9.6\r\n").expectClosed();
            }
            assertThat(host.log())
                    .contains("it began with 5353482d322e302d4f70656e5353485f, which none of the protocols");
            assertThat(Http.get(host, "/t/1").statusCode())
                    .as("ports of their own go on")
                    .isEqualTo(200);
        }
    }
}
