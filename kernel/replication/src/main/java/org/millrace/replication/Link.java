package org.millrace.replication;

import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.ConfigurationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connects to NATS. Blocks; used by one thread. */
final class Link {
    private static final Logger log = LoggerFactory.getLogger(Link.class);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration PING = Duration.ofSeconds(2);
    /** What the client says of a server that demands TLS, and of one that has none. */
    private static final String TLS_DEMANDED = "SSL required by server";

    private static final String TLS_MISSING = "SSL connection wanted by client";

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
        Quiet quiet = new Quiet();
        Options.Builder builder = Options.builder()
                .server(options.servers())
                .connectionName(name)
                .connectionTimeout(CONNECT)
                .pingInterval(PING)
                .maxPingsOut(2)
                .noReconnect()
                .maxMessagesInOutgoingQueue(8_192)
                .errorListener(quiet);
        ClusterOptions.Login login = options.login();
        if (login.credentials().isPresent()) {
            if (!Files.isReadable(login.credentials().get())) {
                throw ReplicationException.passing(
                        "cluster.credentials: " + login.credentials().get()
                                + " does not exist or cannot be read; correct" + " it, or its permissions",
                        null);
            }
            builder.authHandler(Nats.credentials(login.credentials().get().toString()));
        } else if (!login.user().isEmpty()) {
            builder.userInfo(login.user().toCharArray(), login.password().toCharArray());
        } else if (!login.token().isEmpty()) {
            builder.token(login.token().toCharArray());
        }
        if (options.tls().isPresent()) {
            try {
                builder.sslContext(options.tls().get().context());
            } catch (ConfigurationException e) {
                throw ReplicationException.passing(String.valueOf(e.getMessage()), e);
            }
            // The one mode in which the server's name is known when its certificate is looked at.
            builder.hostnameResolveMode(Options.HostnameResolveMode.HappyEyeballs);
        }
        try {
            return Nats.connect(builder.build());
        } catch (AuthenticationException e) {
            throw ReplicationException.passing(
                    "the NATS server refuses this node's credentials: check cluster.user and cluster.password,"
                            + " cluster.token or cluster.credentials; they are tried again every few seconds",
                    e);
        } catch (IOException | IllegalArgumentException e) {
            throw ReplicationException.passing(unreachable(quiet.failure.get() == null ? e : quiet.failure.get()), e);
        }
    }

    /** Why there is no connection, and what to do. */
    private String unreachable(Throwable failure) {
        Throwable cause =
                failure instanceof ExecutionException && failure.getCause() != null ? failure.getCause() : failure;
        String servers = ClusterOptions.withoutSecrets(options.servers());
        String why = ClusterOptions.withoutSecrets(
                cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
        String meanwhile = "; this host serves meanwhile and keeps its changes";
        if (why.contains(TLS_DEMANDED)) {
            return "the NATS server at " + servers + " demands TLS: set cluster.authorities to the PEM file of the"
                    + " authority that signed its certificate, or write tls:// in cluster.nats if this machine knows it"
                    + meanwhile;
        }
        if (why.contains(TLS_MISSING)) {
            return "the NATS server at " + servers + " speaks no TLS, but cluster.nats, cluster.authorities or"
                    + " cluster.certificate ask for it: give the server a certificate, or take them out" + meanwhile;
        }
        if (cause instanceof SSLException) {
            return "TLS with the NATS server at " + servers + " fails: " + why + ". Check that cluster.authorities has"
                    + " the authority that signed the server's certificate, that this is for the name in cluster.nats,"
                    + " and that the server knows the authority of cluster.certificate" + meanwhile;
        }
        if (cause instanceof TimeoutException && options.tls().isPresent()) {
            // With TLS 1.3 a client is refused after its side of the handshake is done.
            return "the NATS server at " + servers + " ends the connection, or does not answer: it may demand a client"
                    + " certificate (verify: true). Set cluster.certificate and cluster.key to one that an authority of"
                    + " the server has signed" + meanwhile;
        }
        return "NATS cannot be reached at " + servers + ": " + why
                + ". Start nats-server with JetStream (-js), or correct cluster.nats" + meanwhile;
    }

    /** Takes what the client would print to the log by itself, secrets and all. */
    private static final class Quiet implements ErrorListener {
        /** The last one. */
        final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

        @Override
        public void errorOccurred(Connection connection, String error) {
            log.debug("NATS: {}", error);
        }

        @Override
        public void exceptionOccurred(Connection connection, Exception exception) {
            failure.set(exception);
            log.debug("NATS: {}", ClusterOptions.withoutSecrets(exception.toString()));
        }
    }
}
