package org.millrace.replication;

import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects to NATS. Blocks; used by one thread. */
final class Link {
    private static final Logger log = LoggerFactory.getLogger(Link.class);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration PING = Duration.ofSeconds(2);

    private final ClusterOptions options;

    Link(ClusterOptions options) {
        this.options = options;
    }

    /**
     * Connects.
     *
     * @param name what the NATS servers call the connection
     * @throws ReplicationException if no server can be reached, or lets this node in
     */
    Connection connect(String name) throws ReplicationException, InterruptedException {
        Options.Builder builder = Options.builder()
                .server(options.servers())
                .connectionName(name)
                .connectionTimeout(CONNECT)
                .pingInterval(PING)
                .maxPingsOut(2)
                .noReconnect()
                .maxMessagesInOutgoingQueue(8_192)
                .errorListener(new Quiet());
        ClusterOptions.Login login = options.login();
        if (login.credentials().isPresent()) {
            builder.authHandler(Nats.credentials(login.credentials().get().toString()));
        } else if (!login.user().isEmpty()) {
            builder.userInfo(login.user().toCharArray(), login.password().toCharArray());
        } else if (!login.token().isEmpty()) {
            builder.token(login.token().toCharArray());
        }
        if (options.authorities().isPresent()) {
            builder.sslContext(trusting(options.authorities().get()));
        }
        try {
            return Nats.connect(builder.build());
        } catch (AuthenticationException e) {
            throw ReplicationException.passing(
                    "the NATS server refuses this node's credentials: check cluster.user and cluster.password,"
                            + " cluster.token or cluster.credentials (tried again every few seconds)",
                    e);
        } catch (IOException | IllegalArgumentException e) {
            throw ReplicationException.passing(
                    "NATS cannot be reached at " + ClusterOptions.withoutSecrets(options.servers()) + ": "
                            + ClusterOptions.withoutSecrets(String.valueOf(e.getMessage()))
                            + ". Start nats-server with JetStream (-js), or correct cluster.nats; this host serves"
                            + " meanwhile and keeps its changes",
                    e);
        }
    }

    private static SSLContext trusting(Path authorities) throws ReplicationException {
        try (InputStream pem = Files.newInputStream(authorities)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                trusted.setCertificateEntry("authority-" + number++, certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw ReplicationException.passing(
                    "the certificates in " + authorities + " cannot be used: " + e.getMessage()
                            + ". cluster.authorities names a PEM file of the authorities that signed the servers'",
                    e);
        }
    }

    /** What the client would print to the log by itself, secrets and all. */
    private static final class Quiet implements ErrorListener {
        @Override
        public void errorOccurred(Connection connection, String error) {
            log.debug("NATS: {}", error);
        }

        @Override
        public void exceptionOccurred(Connection connection, Exception failure) {
            log.debug("NATS: {}", ClusterOptions.withoutSecrets(failure.toString()));
        }
    }
}
