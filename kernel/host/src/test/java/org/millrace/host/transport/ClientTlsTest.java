package org.millrace.host.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.millrace.spi.plugin.ConfigurationException;

/** What this host shows to servers and knows them by. */
class ClientTlsTest {
    @TempDir
    private static Path directory;

    private static X509Bundle server;
    private static X509Bundle client;

    @BeforeAll
    static void prepare() throws Exception {
        server = bundle(CertificateBuilder.Algorithm.ecp256, "localhost");
        client = bundle(CertificateBuilder.Algorithm.rsa2048, "node");
        write("server", server);
        write("client", client);
    }

    private static X509Bundle bundle(CertificateBuilder.Algorithm algorithm, String name) throws Exception {
        return new CertificateBuilder()
                .algorithm(algorithm)
                .subject("CN=" + name)
                .addSanDnsName(name)
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
    }

    private static void write(String name, X509Bundle bundle) throws IOException {
        Files.writeString(directory.resolve(name + ".pem"), bundle.getCertificatePathPEM());
        Files.writeString(directory.resolve(name + ".key"), bundle.getPrivateKeyPEM());
    }

    private static String file(String name) {
        return directory.resolve(name).toString();
    }

    private static SSLContext read(String certificate, String key) {
        return ClientTls.read("cluster", certificate, key, file("server.pem"));
    }

    /** Connects to a server that demands a certificate, by the name given; returns whom the server saw. */
    private static String connect(SSLContext context, String name) throws Exception {
        SSLContext serving = SSLContext.getInstance("TLS");
        serving.init(
                server.toKeyManagerFactory().getKeyManagers(),
                client.toTrustManagerFactory().getTrustManagers(),
                null);
        try (SSLServerSocket listening = (SSLServerSocket)
                serving.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            listening.setNeedClientAuth(true);
            CompletableFuture<String> seen = CompletableFuture.supplyAsync(() -> {
                try (SSLSocket accepted = (SSLSocket) listening.accept()) {
                    accepted.startHandshake();
                    accepted.getOutputStream().write('.');
                    return accepted.getSession().getPeerPrincipal().getName();
                } catch (IOException e) {
                    return String.valueOf(e.getMessage());
                }
            });
            // As a library that connects by itself does: it says nothing of names.
            try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), listening.getLocalPort());
                    Socket socket =
                            context.getSocketFactory().createSocket(plain, name, listening.getLocalPort(), true)) {
                ((SSLSocket) socket).startHandshake();
                assertThat(socket.getInputStream().read()).isEqualTo('.');
            }
            return seen.join();
        }
    }

    @Test
    void theCertificateIsShownToTheServer() throws Exception {
        assertThat(connect(read(file("client.pem"), file("client.key")), "localhost"))
                .isEqualTo("CN=node");
    }

    @Test
    void aServerOfAnotherNameIsRefused() {
        assertThatExceptionOfType(SSLHandshakeException.class)
                .isThrownBy(() -> connect(read(file("client.pem"), file("client.key")), "elsewhere"))
                .withMessageContaining("elsewhere");
    }

    @ParameterizedTest
    @EnumSource(names = {"ecp256", "rsa2048", "ed25519"})
    void aKeyIsHeldAgainstItsCertificate(CertificateBuilder.Algorithm algorithm) throws Exception {
        write("one", bundle(algorithm, "one"));
        write("other", bundle(algorithm, "other"));

        assertThat(read(file("one.pem"), file("one.key"))).isNotNull();
        for (String key : new String[] {"other.key", "server.key", "client.key"}) {
            assertThatExceptionOfType(ConfigurationException.class)
                    .isThrownBy(() -> read(file("one.pem"), file(key)))
                    .withMessageContaining("cluster: the files " + file("one.pem") + " and " + file(key))
                    .withMessageContaining("belonging to the certificate");
        }
    }

    @Test
    void everyFileThatCannotBeUsedIsNamed() throws IOException {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> read(file("missing.pem"), ""))
                .satisfies(e -> assertThat(e.problems())
                        .anyMatch(text -> text.startsWith("cluster.certificate: ") && text.contains("missing.pem"))
                        .anyMatch(text -> text.startsWith("cluster.key is not set")));
        Files.writeString(directory.resolve("garbage.pem"), "garbage");
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> ClientTls.read("cluster", "", "", file("garbage.pem")))
                .withMessageContaining("garbage.pem")
                .withMessageContaining("authorities that signed");
    }
}
