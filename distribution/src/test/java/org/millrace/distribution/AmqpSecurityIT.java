package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.Message;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** AMQP over TLS, and each SASL mechanism, with clients of other makers. */
class AmqpSecurityIT {
    private static final String STORE_PASSWORD = "millrace";

    @TempDir
    static Path folder;

    private static Path keys;
    private static MillraceProcess host;

    @BeforeAll
    static void startHost() throws Exception {
        keys = Files.createDirectories(folder.resolve("keys"));
        Certificates.make(keys);
        makeKeyStores();
        Path configuration = Files.writeString(folder.resolve("millrace.yaml"), """
            auth:
              users:
                - {name: ada, password: secret, roles: [all]}
                - {name: test-client, password: never-used, roles: [device]}
              roles:
                - {name: all, read: ["#"], write: ["#"], publish: ["#"], subscribe: ["#"]}
                - {name: device, publish: ["devices/#"]}
            """);
        host = MillraceProcess.start(
                folder.resolve("data"),
                "--config",
                configuration.toString(),
                "--set",
                "amqp.tls.certificate=" + keys.resolve("server.pem"),
                "--set",
                "amqp.tls.key=" + keys.resolve("server.key"),
                "--set",
                "amqp.tls.client-ca=" + keys.resolve("ca.pem"));
    }

    @AfterAll
    static void stopHost() {
        assertThat(host.stop()).isZero();
    }

    private static void makeKeyStores() throws IOException, InterruptedException {
        run(
                "openssl",
                "pkcs12",
                "-export",
                "-in",
                "client.pem",
                "-inkey",
                "client.key",
                "-out",
                "client.p12",
                "-passout",
                "pass:" + STORE_PASSWORD);
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        run(
                keytool,
                "-importcert",
                "-noprompt",
                "-alias",
                "ca",
                "-file",
                "ca.pem",
                "-keystore",
                "trust.p12",
                "-storetype",
                "PKCS12",
                "-storepass",
                STORE_PASSWORD);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(keys.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private static Connection jms(String mechanism, String user, String password) throws JMSException {
        String uri = "amqps://127.0.0.1:" + host.port("amqp")
                + "?transport.keyStoreLocation=" + keys.resolve("client.p12")
                + "&transport.keyStorePassword=" + STORE_PASSWORD
                + "&transport.trustStoreLocation=" + keys.resolve("trust.p12")
                + "&transport.trustStorePassword=" + STORE_PASSWORD
                + "&amqp.saslMechanisms=" + mechanism;
        JmsConnectionFactory factory = new JmsConnectionFactory(uri);
        Connection connection = user.isEmpty() ? factory.createConnection() : factory.createConnection(user, password);
        connection.start();
        return connection;
    }

    private static void send(Connection connection, String queue, String text) throws JMSException {
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        session.createProducer(session.createQueue(queue)).send(session.createTextMessage(text));
    }

    @Test
    void theCertificateOfAJmsClientSaysWhoItIs() throws JMSException {
        try (Connection connection = jms("EXTERNAL", "", "")) {
            send(connection, "devices/jms", "x");
            assertThatExceptionOfType(JMSSecurityException.class)
                    .isThrownBy(() -> send(connection, "elsewhere/jms", "x"))
                    .withMessageContaining("test-client");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"external.js", "external.py"})
    void theCertificateOfRheaAndOfProtonSaysWhoTheyAre(String script) {
        String program = script.endsWith(".js") ? "node" : "/usr/bin/python3";
        String port = String.valueOf(host.port("amqp"));

        assertThat(ClientProgram.run(folder, program, "amqp/" + script, port, keys.toString(), "devices/1", "x"))
                .containsExactly("accepted");
        assertThat(ClientProgram.run(folder, program, "amqp/" + script, port, keys.toString(), "elsewhere/1", "x"))
                .containsExactly("refused amqp:unauthorized-access");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"})
    void aJmsClientShowsItsPassword(String mechanism) throws JMSException {
        try (Connection connection = jms(mechanism, "ada", "secret")) {
            send(connection, "elsewhere/" + mechanism, "x");
        }
        assertThatThrownBy(() -> jms(mechanism, "ada", "guessed")).isInstanceOf(JMSSecurityException.class);
        assertThatThrownBy(() -> jms(mechanism, "nobody", "secret")).isInstanceOf(JMSSecurityException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "EXTERNAL"})
    void theProtonj2ClientShowsItsPasswordOrCertificate(String mechanism) throws Exception {
        ConnectionOptions options = new ConnectionOptions().reconnectEnabled(false);
        options.sslOptions()
                .sslEnabled(true)
                .keyStoreLocation(keys.resolve("client.p12").toString())
                .keyStorePassword(STORE_PASSWORD)
                .trustStoreLocation(keys.resolve("trust.p12").toString())
                .trustStorePassword(STORE_PASSWORD);
        options.saslOptions().addAllowedMechanism(mechanism);
        if (!mechanism.equals("EXTERNAL")) {
            options.user("ada").password("secret");
        }
        try (Client client = Client.create();
                var connection = client.connect("127.0.0.1", host.port("amqp"), options)) {
            connection
                    .openSender("devices/" + mechanism)
                    .send(Message.create("x"))
                    .awaitAccepted(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void aClientWithoutACertificateDoesNotGetIn() throws Exception {
        ConnectionOptions options =
                new ConnectionOptions().reconnectEnabled(false).user("ada").password("secret");
        options.sslOptions()
                .sslEnabled(true)
                .trustStoreLocation(keys.resolve("trust.p12").toString())
                .trustStorePassword(STORE_PASSWORD);
        try (Client client = Client.create()) {
            assertThatThrownBy(() -> client.connect("127.0.0.1", host.port("amqp"), options)
                            .openFuture()
                            .get(20, TimeUnit.SECONDS))
                    .isNotNull();
        }
    }
}
