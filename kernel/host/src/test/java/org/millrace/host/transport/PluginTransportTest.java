package org.millrace.host.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.millrace.host.metrics.MetricRegistry;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.transport.Listener;
import org.millrace.spi.transport.ListenerSettings;
import org.millrace.spi.transport.TlsSettings;

class PluginTransportTest {
    private static final TlsSettings PLAIN = new TlsSettings("", "", "");
    private static EventLoops loops;

    private final MetricRegistry metrics = new MetricRegistry();
    private final Listeners listeners =
            new Listeners(loops, new BindRule("127.0.0.1", false, false), metrics, UnreadBytes.limitedTo(0));
    private final PluginTransport transport = listeners.plugin("mqtt");
    private final Probe probe = new Probe();

    @BeforeAll
    static void openLoops() {
        loops = EventLoops.open(2);
    }

    @AfterAll
    static void closeLoops() {
        loops.close();
    }

    @AfterEach
    void closeTransport() {
        transport.close();
    }

    private static ListenerSettings settings(int port, String bind, int maxConnections) {
        return new ListenerSettings(port, bind, maxConnections, Duration.ofSeconds(5), PLAIN);
    }

    private Listener listen() throws IOException {
        return transport.listen("mqtt", settings(0, "", 100), probe);
    }

    private static Socket connect(Listener listener) throws IOException {
        Socket socket =
                new Socket(listener.address().getAddress(), listener.address().getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static String line(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)).readLine();
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void portZeroBindsAFreeOneOnLoopback() throws IOException {
        Listener listener = listen();

        assertThat(listener.name()).isEqualTo("mqtt");
        assertThat(listener.address().getPort()).isPositive();
        assertThat(listener.address().getAddress().isLoopbackAddress()).isTrue();
        assertThat(listeners.open()).containsExactly(listener);
    }

    @Test
    void theProtocolIsToldWhereAConnectionComesFrom() throws IOException {
        try (Socket socket = connect(listen())) {
            assertThat(line(socket)).isEqualTo("hello");

            assertThat(probe.connections)
                    .containsExactly(new ConnectionInfo("probe", "127.0.0.1:" + socket.getLocalPort(), false, ""));
        }
    }

    @Test
    void bytesGoBothWays() throws IOException {
        try (Socket socket = connect(listen())) {
            line(socket);
            send(socket, "echo\n");

            assertThat(line(socket)).isEqualTo("echo");
        }
    }

    @Test
    void aConnectionBeyondTheLimitIsClosedAtOnceAndOthersAreNotAffected() throws IOException {
        Listener listener = transport.listen("mqtt", settings(0, "", 1), probe);
        try (Socket first = connect(listener)) {
            line(first);
            try (Socket second = connect(listener)) {
                assertThat(endsWithoutData(second)).isTrue();
            }
            assertThat(listener.connections()).isEqualTo(1);
            send(first, "still here\n");
            assertThat(line(first)).isEqualTo("still here");
        }
        await().until(() -> listener.connections() == 0);
        try (Socket third = connect(listener)) {
            assertThat(line(third)).isEqualTo("hello");
        }
        assertThat(metrics.text()).contains("millrace_listener_refused_connections{listener=\"mqtt\"} 1");
    }

    private static boolean endsWithoutData(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    void anExceptionThatEscapesAPluginsHandlerEndsThatConnectionOnly() throws IOException {
        Listener listener = listen();
        try (Socket good = connect(listener);
                Socket bad = connect(listener)) {
            line(good);
            line(bad);
            send(bad, "!");

            assertThat(endsWithoutData(bad)).isTrue();
            send(good, "fine\n");
            assertThat(line(good)).isEqualTo("fine");
        }
    }

    @Test
    void anExceptionOfAHandlerAddedLaterEndsTheConnectionToo() throws IOException {
        try (Socket socket = connect(listen())) {
            line(socket);
            send(socket, "+\n");
            line(socket);
            send(socket, "?");

            assertThat(endsWithoutData(socket)).isTrue();
        }
    }

    @Test
    void aTakenPortIsReportedWithTheRemedy() throws IOException {
        int port = listen().address().getPort();

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> transport.listen("mqtt-2", settings(port, "", 1), probe))
                .withMessageStartingWith("cannot bind 127.0.0.1:" + port + ", address in use")
                .withMessageContaining("mqtt.port");
        assertThat(listeners.open()).hasSize(1);
    }

    @Test
    void anAddressOfNoInterfaceIsReportedWithTheRemedy() {
        PluginTransport open = new Listeners(
                        loops, new BindRule("127.0.0.1", true, false), metrics, UnreadBytes.limitedTo(0))
                .plugin("mqtt");

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> open.listen("mqtt", settings(0, "192.0.2.1", 1), probe))
                .withMessageContaining("192.0.2.1")
                .withMessageContaining("mqtt.bind");
    }

    @Test
    void anUnresolvableAddressIsAConfigurationProblem() {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> transport.listen("mqtt", settings(0, "no such host.invalid", 1), probe))
                .withMessageContaining("mqtt.bind");
    }

    @Test
    void withoutAuthenticationOnlyLoopbackIsListenedOn() {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> transport.listen("mqtt", settings(0, "0.0.0.0", 1), probe))
                .withMessageContaining("auth.users")
                .withMessageContaining("auth.allow-anonymous");
    }

    @Test
    void aNameIsTakenByOneListenerUntilThatCloses() throws IOException {
        Listener first = listen();
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> listeners.plugin("other").listen("mqtt", settings(0, "", 1), probe))
                .withMessageContaining("opened by plugin mqtt");

        first.close();
        Listener second = listen();
        first.close();

        assertThat(listeners.open()).containsExactly(second);
    }

    @Test
    void closingAListenerLeavesItsConnectionsOpen() throws IOException {
        Listener listener = listen();
        try (Socket socket = connect(listener)) {
            line(socket);
            listener.close();

            assertThatExceptionOfType(IOException.class).isThrownBy(() -> connect(listener));
            send(socket, "still here\n");
            assertThat(line(socket)).isEqualTo("still here");
        }
    }

    @Test
    void aPluginsEndClosesItsListenersAndConnections() throws IOException {
        Listener open = listen();
        Listener closed = transport.listen("mqtt-2", settings(0, "", 1), probe);
        try (Socket one = connect(open);
                Socket two = connect(closed)) {
            line(one);
            line(two);
            closed.close();

            transport.close();

            assertThat(endsWithoutData(one)).isTrue();
            assertThat(endsWithoutData(two)).isTrue();
        }
        assertThat(listeners.open()).isEmpty();
        assertThat(metrics.text()).doesNotContain("listener=");
        assertThatIllegalStateException().isThrownBy(this::listen);
    }
}
