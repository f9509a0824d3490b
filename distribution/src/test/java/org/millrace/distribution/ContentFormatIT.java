package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.distribution.format.HexPlugin;
import org.millrace.testkit.EmbeddedHost;
import org.millrace.testkit.PluginJar;
import org.millrace.testkit.RawPeer;
import org.millrace.testkit.junit.HostExtension;

/** A content format that a plugin brings, as clients of several protocols meet it. */
class ContentFormatIT {
    @RegisterExtension
    static final HostExtension<EmbeddedHost> HOST = HostExtension.embedded(
            where -> EmbeddedHost.builder(where).beside("http", "mqtt", "sse").start());

    @TempDir
    Path folder;

    private EmbeddedHost host;

    @BeforeEach
    void dropThePluginIn(EmbeddedHost host) throws Exception {
        this.host = host;
        if (!host.jars().contains("hex.jar")) {
            host.drop(PluginJar.ofPackage("hex", HexPlugin.class).write(folder.resolve("hex.jar")));
        }
        await().untilAsserted(() ->
                assertThat(ask("GET", "/$sys/plugins/hex", "", "")).contains("\"state\":\"started\""));
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    private String ask(String method, String path, String fields, String body) {
        try (RawPeer peer = RawPeer.connect(host.address("http"))) {
            return peer.send(method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + fields
                            + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                    .readAll();
        }
    }

    private String put(String path, String body) {
        return ask("PUT", path, "Content-Type: text/x-hex\r\n", body);
    }

    @Test
    void aRecordComesInItAndIsHadInOthers() {
        try (Mosquitto.Subscriber subscriber =
                new Mosquitto(host.address("mqtt").getPort()).subscribe("-t", "form/1")) {
            assertThat(put("/form/1", hex("{\"temp\":21}"))).startsWith("HTTP/1.1 201");
            subscriber.await("form/1 {\"temp\":21}");
        }
        assertThat(ask("GET", "/form/1", "", ""))
                .contains("Content-Type: application/json")
                .endsWith("{\"temp\":21}");
        assertThat(ask("GET", "/form/?temp=gt=20", "", "")).contains("\"temp\":21");
    }

    @Test
    void anyStructuredRecordIsHadInItWhereItIsAskedForByName() {
        ask("PUT", "/form/2", "Content-Type: application/json\r\n", "[1,2]");

        assertThat(ask("GET", "/form/2", "Accept: text/x-hex\r\n", ""))
                .contains("Content-Type: text/x-hex")
                .endsWith("\r\n\r\n" + hex("[1,2]"));
        assertThat(ask("GET", "/form/2", "Accept: text/*\r\n", "")).startsWith("HTTP/1.1 406");
    }

    @Test
    void aPatchComesInIt() {
        ask("PUT", "/form/3", "Content-Type: application/json\r\n", "{\"a\":1,\"b\":2}");

        assertThat(ask("PATCH", "/form/3", "Content-Type: text/x-hex\r\n", hex("{\"b\":null}")))
                .startsWith("HTTP/1.1 20");

        assertThat(ask("GET", "/form/3", "", "")).endsWith("{\"a\":1}");
    }

    @Test
    void malformedBytesAreRefusedWithThePluginsReason() {
        assertThat(put("/form/4", "7g"))
                .startsWith("HTTP/1.1 400")
                .contains("application/problem+json")
                .contains("malformed text/x-hex: ");
    }

    private static String[] with(String[] options, String... more) {
        return Stream.concat(Stream.of(options), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void anMqttSubscriberAsksForIt() {
        Mosquitto mosquitto = new Mosquitto(host.address("mqtt").getPort());
        String[] kept = {"-V", "5", "-i", "hex", "-c", "-x", "300", "-q", "1", "-t"};
        try (Mosquitto.Subscriber subscriber =
                mosquitto.subscribe(with(kept, "form/7", "-D", "connect", "user-property", "accept", "text/x-hex"))) {
            put("/form/7", hex("[7]"));
            subscriber.await("form/7 " + hex("[7]"));
        }
        put("/form/7", hex("[8]"));

        // The session remembers the format of what waits in it, whatever the CONNECT that takes it up says.
        try (Mosquitto.Subscriber again = mosquitto.subscribe(with(kept, "form/other"))) {
            again.await("form/7 " + hex("[8]"));
        }
    }

    @Test
    void anEventStreamAsksForIt() {
        put("/form/8", hex("[8]"));
        try (RawPeer peer = RawPeer.connect(host.address("http"))) {
            String asked = "GET /form/8?format=text/x-hex HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n";
            assertThat(peer.send(asked).readUntil("\"}\n\n"))
                    .contains("{\"type\":\"text/x-hex\",\"base64\":\""
                            + Base64.getEncoder().encodeToString(hex("[8]").getBytes(StandardCharsets.US_ASCII))
                            + "\"}");
        }
        assertThat(ask("GET", "/form/8?format=text/x-hix", "Accept: text/event-stream\r\n", ""))
                .startsWith("HTTP/1.1 400")
                .contains("application/msgpack, text/x-hex");
    }

    @Test
    void recordsDoNotNeedThePluginThatReadThem() throws Exception {
        put("/form/5", hex("{\"a\":1}"));

        host.remove("hex.jar");
        await().untilAsserted(() ->
                assertThat(ask("GET", "/$sys/plugins/hex", "", "")).startsWith("HTTP/1.1 404"));

        assertThat(ask("GET", "/form/5", "Accept: application/cbor\r\n", "")).startsWith("HTTP/1.1 200");
        assertThat(ask("GET", "/form/5", "Accept: text/x-hex\r\n", "")).startsWith("HTTP/1.1 406");
        assertThat(put("/form/6", "7g")).as("bytes of no known format").startsWith("HTTP/1.1 201");
    }
}
