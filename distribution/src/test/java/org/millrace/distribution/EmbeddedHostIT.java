package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.distribution.rules.RulesPlugin;
import org.millrace.testkit.EmbeddedHost;
import org.millrace.testkit.PluginJar;
import org.millrace.testkit.RawPeer;
import org.millrace.testkit.junit.HostExtension;

/** The testkit's real host in a test's JVM, with jars that the testkit packs. */
class EmbeddedHostIT {
    @TempDir
    Path folder;

    @RegisterExtension
    static final HostExtension<EmbeddedHost> HOST = HostExtension.embedded(where -> EmbeddedHost.builder(where)
            .plugin(PluginJar.ofPackage("rules", RulesPlugin.class).write(where.resolve("rules.jar")))
            .beside("http", "mqtt")
            .start());

    private static String put(EmbeddedHost host, String path, String json) {
        try (RawPeer peer = RawPeer.connect(host.address("http"))) {
            return peer.send(
                            "PUT " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                                    + json.length() + "\r\nConnection: close\r\n\r\n" + json)
                    .readAll();
        }
    }

    private static String get(EmbeddedHost host, String path) {
        try (RawPeer peer = RawPeer.connect(host.address("http"))) {
            return peer.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    .readAll();
        }
    }

    @Test
    void aPluginPackedByTheTestDecidesAboutWrites(EmbeddedHost host) {
        assertThat(put(host, "/readings/1", "31")).startsWith("HTTP/1.1 201");
        assertThat(get(host, "/alerts/1")).endsWith("\r\n\r\n31");
        assertThat(put(host, "/readings/1", "\"warm\"")).contains("a reading is a number");
    }

    @Test
    void shippedPluginsListenOnFreePorts(EmbeddedHost host) {
        assertThat(host.address("mqtt").getPort()).isNotIn(0, 1883);
        assertThatThrownBy(() -> host.address("amqp")).hasMessage("no listener amqp; there are [http, mqtt]");
    }

    @Test
    void aJarIsDroppedInAndTakenAway(EmbeddedHost host) throws Exception {
        Path late = PluginJar.ofPackage("late", RulesPlugin.class).write(folder.resolve("late.jar"));

        host.drop(late);

        await().untilAsserted(() -> assertThat(get(host, "/$sys/plugins/late")).contains("\"state\":\"started\""));
        host.remove("late.jar");
        await().untilAsserted(() -> assertThat(get(host, "/$sys/plugins/late")).startsWith("HTTP/1.1 404"));
        assertThat(host.jars()).containsExactly("http.jar", "mqtt.jar", "rules.jar");
    }

    @Test
    void recordsOutliveTheHostAndTwoHostsRunInOneJvm() throws Exception {
        try (EmbeddedHost first = EmbeddedHost.builder(folder).start()) {
            assertThat(put(first, "/t/1", "1")).startsWith("HTTP/1.1 201");
        }
        try (EmbeddedHost second = EmbeddedHost.builder(folder).start()) {
            assertThat(get(second, "/t/1")).startsWith("HTTP/1.1 200").endsWith("\r\n\r\n1");
        }
    }

    @Test
    void aHostThatDoesNotStartSaysWhy() {
        EmbeddedHost.Builder wrong = EmbeddedHost.builder(folder).set("http.prot", "1");

        assertThatThrownBy(wrong::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("http.prot")
                .hasMessageContaining("http.port");
    }
}
