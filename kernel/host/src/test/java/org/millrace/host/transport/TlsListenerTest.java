package org.millrace.host.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.host.metrics.MetricRegistry;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.transport.Listener;
import org.millrace.spi.transport.ListenerSettings;
import org.millrace.spi.transport.TlsSettings;
import org.slf4j.LoggerFactory;

class TlsListenerTest {
    private static EventLoops loops;
    private static X509Bundle server;
    private static X509Bundle client;

    @TempDir
    private static Path directory;

    private final PluginTransport transport = new Listeners(
                    loops, new BindRule("127.0.0.1", false, false), new MetricRegistry(), UnreadBytes.limitedTo(0))
            .plugin("mqtt");
    private final Probe probe = new Probe("b", "a");

    @BeforeAll
    static void prepare() throws Exception {
        loops = EventLoops.open(1);
        server = new CertificateBuilder()
                .ecp256()
                .subject("CN=localhost")
                .addSanDnsName("localhost")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        client = new CertificateBuilder()
                .ecp256()
                .subject("CN=device")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        Files.writeString(directory.resolve("server.pem"), server.getCertificatePathPEM());
        Files.writeString(directory.resolve("server.key"), server.getPrivateKeyPEM());
        Files.writeString(directory.resolve("client.pem"), client.getCertificatePathPEM());
    }

    @AfterAll
    static void closeLoops() {
        loops.close();
    }

    @AfterEach
    void closeTransport() {
        transport.close();
    }

    private static String file(String name) {
        return directory.resolve(name).toString();
    }

    private Listener listen(String clientCa, Duration handshakeTimeout) throws IOException {
        TlsSettings tls = new TlsSettings(file("server.pem"), file("server.key"), clientCa);
        return transport.listen("mqtt", new ListenerSettings(0, "", 10, handshakeTimeout, tls), probe);
    }

    private Listener listen() throws IOException {
        return listen("", Duration.ofSeconds(10));
    }

    private static SSLSocket connect(Listener listener, KeyManager... keys) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, server.toTrustManagerFactory().getTrustManagers(), null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(
                        listener.address().getAddress(), listener.address().getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static String line(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)).readLine();
    }

    @Test
    void theProtocolSeesAnEstablishedSecureConnection() throws Exception {
        try (SSLSocket socket = connect(listen())) {
            assertThat(line(socket)).isEqualTo("hello");
            socket.getOutputStream().write("echo\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(line(socket)).isEqualTo("echo");
        }
        assertThat(probe.connections)
                .singleElement()
                .satisfies(via -> assertThat(via.secure()).isTrue());
        assertThat(probe.news).startsWith("alpn null", "active");
    }

    @Test
    void theListenersOrderDecidesTheNegotiatedProtocol() throws Exception {
        try (SSLSocket socket = connect(listen())) {
            var parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"a", "b"});
            socket.setSSLParameters(parameters);

            line(socket);

            assertThat(socket.getApplicationProtocol()).isEqualTo("b");
            assertThat(probe.news).startsWith("alpn b");
        }
    }

    @Test
    void plainBytesAreNoHandshakeAndReachNoProtocol() throws Exception {
        Listener listener = listen();
        try (Socket socket =
                new Socket(listener.address().getAddress(), listener.address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

            assertThat(ends(socket)).isTrue();
        }
        assertThat(probe.connections).isEmpty();
        try (SSLSocket other = connect(listener)) {
            assertThat(line(other)).isEqualTo("hello");
        }
    }

    @Test
    void aClientWithoutTlsIsToldInItsProtocolsTermsAlsoWhileItStillSends() throws Exception {
        Listener listener = listen();
        try (Socket socket =
                new Socket(listener.address().getAddress(), listener.address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("pro".getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            socket.getOutputStream().write(("be" + "x".repeat(300_000)).getBytes(StandardCharsets.US_ASCII));

            assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("use TLS\n");
        }
        assertThat(probe.connections).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"silent", "prone", "pro"})
    void aClientWithoutTlsThatCannotBeToldIsClosed(String beginning) throws Exception {
        Listener listener = listen("", Duration.ofMillis(500));
        try (Socket socket =
                new Socket(listener.address().getAddress(), listener.address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(beginning.getBytes(StandardCharsets.US_ASCII));

            assertThat(ends(socket)).isTrue();
        }
        assertThat(probe.connections).isEmpty();
    }

    @Test
    void whoComesInTheWrongWayIsNamedInTheLogOnce() throws Exception {
        Listener secure = listen();
        Listener plain = transport.listen(
                "plain", new ListenerSettings(0, "", 10, Duration.ofSeconds(10), new TlsSettings("", "", "")), probe);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(ConnectionInitializer.class);
        logger.addAppender(log);
        try {
            for (int i = 0; i < 3; i++) {
                try (Socket socket = new Socket(
                        secure.address().getAddress(), secure.address().getPort())) {
                    socket.getOutputStream().write("probe".getBytes(StandardCharsets.US_ASCII));
                    ends(socket);
                }
                try (SSLSocket socket = connect(plain)) {
                    assertThatExceptionOfType(IOException.class).isThrownBy(socket::startHandshake);
                }
            }
            Awaitility.await().until(() -> log.list.size() >= 2);
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line)
                                .startsWith("1 connection(s) to mqtt began without TLS, the last of 127.0.0.1:"),
                        line -> assertThat(line)
                                .startsWith("1 connection(s) to plain began with TLS, the last of 127.0.0.1:")
                                .contains("plain.tls.certificate"));
    }

    @Test
    void aSilentPeerIsClosedWhenItsTimeIsOver() throws Exception {
        Listener listener = listen("", Duration.ofMillis(200));
        try (Socket socket =
                new Socket(listener.address().getAddress(), listener.address().getPort())) {
            socket.setSoTimeout(10_000);

            assertThat(ends(socket)).isTrue();
        }
        assertThat(probe.connections).isEmpty();
    }

    /** Reads away an alert, if one comes. */
    private static boolean ends(Socket socket) throws IOException {
        try {
            socket.getInputStream().readAllBytes();
            return true;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    void aClientCertificateIsDemandedWhereAuthoritiesAreSet() throws Exception {
        Listener listener = listen(file("client.pem"), Duration.ofSeconds(10));

        try (SSLSocket socket = connect(listener)) {
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> {
                if (line(socket) == null) {
                    throw new IOException("closed");
                }
            });
        }
        assertThat(probe.connections).isEmpty();
        try (SSLSocket socket = connect(listener, client.toKeyManagerFactory().getKeyManagers())) {
            assertThat(line(socket)).isEqualTo("hello");
        }
    }

    @Test
    void everyFileThatCannotBeUsedIsNamed() {
        TlsSettings tls = new TlsSettings(file("missing.pem"), "", "");

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() ->
                        transport.listen("mqtt", new ListenerSettings(0, "", 10, Duration.ofSeconds(1), tls), probe))
                .satisfies(e -> assertThat(e.problems())
                        .anyMatch(text -> text.startsWith("mqtt.tls.certificate: ") && text.contains("missing.pem"))
                        .anyMatch(text -> text.startsWith("mqtt.tls.key is not set")));
    }

    @Test
    void aFileThatIsNoCertificateIsNamed() throws IOException {
        Files.writeString(directory.resolve("garbage.pem"), "garbage");
        TlsSettings tls = new TlsSettings(file("garbage.pem"), file("server.key"), "");

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() ->
                        transport.listen("mqtt", new ListenerSettings(0, "", 10, Duration.ofSeconds(1), tls), probe))
                .withMessageContaining("garbage.pem")
                .withMessageContaining("PEM");
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() throws Exception {
        Files.writeString(directory.resolve("client.key"), client.getPrivateKeyPEM());
        TlsSettings tls = new TlsSettings(file("server.pem"), file("client.key"), "");

        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() ->
                        transport.listen("mqtt", new ListenerSettings(0, "", 10, Duration.ofSeconds(1), tls), probe))
                .withMessageContaining("client.key belongs to another certificate");
    }
}
