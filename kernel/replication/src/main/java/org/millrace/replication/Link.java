package org.millrace.replication;

import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects to NATS, and finds or makes the cluster's stream. Blocks; used by one thread. */
final class Link {
    private static final Logger log = LoggerFactory.getLogger(Link.class);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration PING = Duration.ofSeconds(2);
    private static final Duration DUPLICATES = Duration.ofMinutes(2);
    private static final int NO_STREAM = 10_059;
    private static final int NAME_IN_USE = 10_058;
    private static final String DESCRIPTION = "millrace cluster ";

    private final ClusterOptions options;

    /**
     * The cluster's stream.
     *
     * @param cluster the cluster's id, made with its first stream
     * @param epoch tells this stream from an earlier one of the same name
     * @param last the number of its last message
     */
    record Stream(String cluster, String epoch, long last) {}

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

    /**
     * Finds the stream, or makes it.
     *
     * @param known the id of the cluster this node belongs to; empty if it has never been in one
     * @throws ReplicationException if there is no JetStream, or the stream is not this cluster's
     */
    Stream stream(Connection connection, String known) throws ReplicationException, IOException, JetStreamApiException {
        JetStreamManagement management = connection.jetStreamManagement();
        StreamInfo info;
        try {
            info = find(management, known);
        } catch (JetStreamApiException e) {
            throw ReplicationException.passing(
                    "stream " + options.stream() + " cannot be had: " + e.getMessage()
                            + ". Check that JetStream is on (-js), has space, and has cluster.replicas ("
                            + options.replicas() + ") servers",
                    e);
        } catch (IOException e) {
            throw ReplicationException.passing(
                    "JetStream does not answer: " + ClusterOptions.withoutSecrets(String.valueOf(e.getMessage()))
                            + ". Start nats-server with JetStream (-js)",
                    e);
        }
        String description = String.valueOf(info.getConfiguration().getDescription());
        String epoch = info.getCreateTime().toInstant().toString();
        if (!description.startsWith(DESCRIPTION)) {
            throw ReplicationException.lasting("the stream " + options.stream()
                    + " was not made by Millrace (its description is '" + description
                    + "'). Give this cluster another cluster.name, or remove that stream");
        }
        String cluster = description.substring(DESCRIPTION.length());
        if (!known.isEmpty() && !known.equals(cluster)) {
            throw ReplicationException.lasting("the stream " + options.stream() + " belongs to cluster " + cluster
                    + ", but this node belongs to cluster " + known
                    + ": cluster.nats or cluster.name names another cluster than before. Correct it; to make this node"
                    + " one of the other cluster, start it with an empty data directory");
        }
        return new Stream(cluster, epoch, info.getStreamState().getLastSequence());
    }

    private StreamInfo find(JetStreamManagement management, String known) throws IOException, JetStreamApiException {
        try {
            return management.getStreamInfo(options.stream());
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != NO_STREAM) {
                throw e;
            }
        }
        String cluster = known.isEmpty() ? Long.toHexString(new SecureRandom().nextLong()) : known;
        try {
            StreamInfo made = management.addStream(StreamConfiguration.builder()
                    .name(options.stream())
                    .description(DESCRIPTION + cluster)
                    .subjects(options.allChanges())
                    .storageType(StorageType.File)
                    .replicas(options.replicas())
                    .discardPolicy(DiscardPolicy.Old)
                    .maxAge(options.keepAge())
                    .maxBytes(options.keepBytes())
                    .duplicateWindow(options.keepAge().compareTo(DUPLICATES) < 0 ? options.keepAge() : DUPLICATES)
                    .build());
            if (known.isEmpty()) {
                log.info("Made stream {} for a new cluster {}", options.stream(), cluster);
            } else {
                log.warn(
                        "Stream {} was gone and is made anew. Every node sends again what its journal has kept; what"
                                + " is missing beyond that is reported in $sys/cluster. Do not delete the stream of a"
                                + " running cluster",
                        options.stream());
            }
            return made;
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() != NAME_IN_USE) {
                throw e;
            }
            return management.getStreamInfo(options.stream()); // another node was faster
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
