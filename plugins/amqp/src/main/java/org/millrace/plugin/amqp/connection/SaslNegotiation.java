package org.millrace.plugin.amqp.connection;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.apache.qpid.proton.engine.Sasl;
import org.apache.qpid.proton.engine.SaslListener;
import org.apache.qpid.proton.engine.Transport;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.identity.Authenticator;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Credentials;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * SASL's part of a connection (AMQP 1.0 section 5.3): offers what the host can check, and asks it. Used by the
 * connection's event loop.
 */
final class SaslNegotiation implements SaslListener {
    private static final String ANONYMOUS = "ANONYMOUS";
    private static final String PLAIN = "PLAIN";
    private static final String EXTERNAL = "EXTERNAL";

    private final Authenticator authenticator;
    private final ConnectionInfo via;
    private final Channel channel;
    private final EventLoop loop;
    private final Sasl sasl;
    private final BiConsumer<@Nullable Identity, @Nullable ResourceException> result;
    private final List<String> offered = new ArrayList<>();
    private Authenticator.@Nullable Exchange exchange;
    private boolean begun;

    /**
     * Offers the mechanisms.
     *
     * @param transport the engine's, before it read anything
     * @param authenticator who checks
     * @param channel the connection
     * @param via where it comes from
     * @param plainWithoutTls whether other machines may send passwords unencrypted
     * @param result told once who the client is, or why that is not known
     */
    SaslNegotiation(
            Transport transport,
            Authenticator authenticator,
            Channel channel,
            ConnectionInfo via,
            boolean plainWithoutTls,
            BiConsumer<@Nullable Identity, @Nullable ResourceException> result) {
        this.authenticator = authenticator;
        this.via = via;
        this.channel = channel;
        this.loop = channel.eventLoop();
        this.result = result;
        this.sasl = transport.sasl();
        sasl.server();
        sasl.allowSkip(true); // a bare AMQP header is an anonymous client's; whether it may, is asked at open
        if (ClientCertificate.of(channel) != Credentials.NONE) {
            offered.add(EXTERNAL);
        }
        // The stronger first: clients that have no preference take the first they know.
        authenticator.mechanisms().stream()
                .sorted(java.util.Comparator.reverseOrder())
                .forEach(offered::add);
        if (plainWithoutTls || via.secure() || isLocal(channel)) {
            offered.add(PLAIN);
        }
        offered.add(ANONYMOUS);
        sasl.setMechanisms(offered.toArray(String[]::new));
        sasl.setListener(this);
    }

    private static boolean isLocal(Channel channel) {
        return !(channel.remoteAddress() instanceof InetSocketAddress address)
                || address.getAddress().isLoopbackAddress();
    }

    /** Whether the client speaks SASL at all. */
    boolean hasBegun() {
        return begun;
    }

    @Override
    public void onSaslInit(Sasl s, Transport transport) {
        begun = true;
        String[] chosen = sasl.getRemoteMechanisms();
        String mechanism = chosen.length == 0 ? "" : chosen[0];
        byte[] response = pending();
        if (!offered.contains(mechanism)) {
            fail(new ResourceException(
                    ErrorCode.UNAUTHENTICATED,
                    "SASL mechanism '" + mechanism + "' is not offered; use one of " + offered));
            return;
        }
        try {
            switch (mechanism) {
                case ANONYMOUS -> check(authenticator.authenticate(Credentials.NONE, via));
                case PLAIN -> check(authenticator.authenticate(plain(response), via));
                case EXTERNAL -> check(authenticator.authenticate(ClientCertificate.of(channel), via));
                default -> {
                    exchange = authenticator.exchange(mechanism, via);
                    step(response);
                }
            }
        } catch (ResourceException e) {
            fail(e);
        }
    }

    @Override
    public void onSaslResponse(Sasl s, Transport transport) {
        step(pending());
    }

    private void step(byte[] response) {
        Authenticator.Exchange running = exchange;
        if (running == null) {
            fail(new ResourceException(ErrorCode.INVALID, "a SASL response without a challenge"));
            return;
        }
        running.respond(response)
                .whenComplete((step, failure) -> onLoop(() -> {
                    switch (step) {
                        case null -> fail(ResourceException.from(failure));
                        case Authenticator.Challenge challenge -> {
                            sasl.send(challenge.bytes(), 0, challenge.bytes().length);
                            result.accept(null, null);
                        }
                        case Authenticator.Success success -> {
                            if (success.bytes().length > 0) {
                                sasl.send(success.bytes(), 0, success.bytes().length);
                            }
                            succeed(success.identity());
                        }
                    }
                }));
    }

    private byte[] pending() {
        byte[] bytes = new byte[sasl.pending()];
        sasl.recv(bytes, 0, bytes.length);
        return bytes;
    }

    /** Authorization identity, NUL, user, NUL, password (RFC 4616). */
    private static Credentials plain(byte[] response) {
        String[] parts = new String(response, StandardCharsets.UTF_8).split("\0", -1);
        if (parts.length != 3) {
            throw new ResourceException(ErrorCode.UNAUTHENTICATED, "the PLAIN response is malformed (RFC 4616)");
        }
        return new Credentials.Password(parts[1], parts[2]);
    }

    private void check(CompletionStage<Identity> checked) {
        checked.whenComplete((identity, failure) -> onLoop(() -> {
            if (identity == null) {
                fail(ResourceException.from(
                        failure == null ? new IllegalStateException("the authenticator gave no identity") : failure));
            } else {
                succeed(identity);
            }
        }));
    }

    private void onLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    private void succeed(Identity identity) {
        sasl.done(Sasl.SaslOutcome.PN_SASL_OK);
        result.accept(identity, null);
    }

    private void fail(ResourceException reason) {
        sasl.done(
                switch (reason.code()) {
                    case BUSY, UNAVAILABLE, QUOTA_EXCEEDED -> Sasl.SaslOutcome.PN_SASL_TEMP;
                    case INTERNAL -> Sasl.SaslOutcome.PN_SASL_SYS;
                    default -> Sasl.SaslOutcome.PN_SASL_AUTH;
                });
        result.accept(null, reason);
    }

    // What a server is never sent.

    @Override
    public void onSaslMechanisms(Sasl s, Transport transport) {}

    @Override
    public void onSaslChallenge(Sasl s, Transport transport) {}

    @Override
    public void onSaslOutcome(Sasl s, Transport transport) {}
}
