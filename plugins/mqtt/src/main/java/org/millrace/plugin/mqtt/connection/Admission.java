package org.millrace.plugin.mqtt.connection;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttMessage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.codec.MqttViolation;
import org.millrace.plugin.mqtt.codec.PropertyWriter;
import org.millrace.plugin.mqtt.codec.ReasonCode;
import org.millrace.plugin.mqtt.mapping.Refusal;
import org.millrace.plugin.mqtt.session.SessionState;
import org.millrace.plugin.mqtt.session.Sessions;
import org.millrace.spi.identity.Authenticator;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ResourceException;

/**
 * What is between CONNECT and CONNACK, step by step: the client is authenticated, its client id claimed, and what an
 * earlier connection left is waited for. Used by the connection's event loop only.
 */
final class Admission {
    private final MqttServer server;
    private final ChannelHandlerContext ctx;
    private final ConnectionInfo via;
    private final ConnectRequest request;
    private final Door door;
    private @Nullable EnhancedAuthentication authentication;
    private Sessions.@Nullable Claim claim;

    /** What the connection does meanwhile, and then. */
    interface Door {
        /** Whether the client is still there and waits for CONNACK. */
        boolean isAwaited();

        /** The client has been asked something, and may answer. */
        void challenged();

        /** The client is known, and the session is its own; the claim is the connection's from now on. */
        void admit(Identity identity, Sessions.Claim claim, Optional<SessionState> previous);

        /** The client is not let in. */
        void refuse(ReasonCode code, int code311, @Nullable String reason);

        /** The client, served meanwhile, could not show again who it is. */
        void notAuthenticatedAgain(ResourceException reason);

        /** Another connection claims the client id. Any thread. */
        void takenOver();
    }

    Admission(MqttServer server, ChannelHandlerContext ctx, ConnectionInfo via, ConnectRequest request, Door door) {
        this.server = server;
        this.ctx = ctx;
        this.via = via;
        this.request = request;
        this.door = door;
    }

    /**
     * Begins.
     *
     * @throws ConnectRefused if the client names an authentication method that is not offered
     */
    void begin() {
        AuthenticationStep step = request.authentication();
        if (step != null) {
            authenticateInSteps(step);
            return;
        }
        server.context
                .authenticator()
                .authenticate(ClientCertificate.or(ctx.channel(), request.credentials()), via)
                .whenCompleteAsync(this::authenticated, ctx.executor());
    }

    private void authenticateInSteps(AuthenticationStep step) {
        Authenticator authenticator = server.context.authenticator();
        if (!authenticator.mechanisms().contains(step.method())) { // [MQTT-4.12.0-1]
            throw new ConnectRefused(
                    ReasonCode.BAD_AUTHENTICATION_METHOD,
                    0,
                    "authentication method '" + step.method() + "' is not offered; "
                            + (authenticator.mechanisms().isEmpty()
                                    ? "use a user name and password"
                                    : "use one of " + authenticator.mechanisms() + ", or a user name and password"));
        }
        EnhancedAuthentication exchanges = new EnhancedAuthentication(
                authenticator, via, step.method(), ctx, request.maxPacketSize(), new EnhancedAuthentication.Outcome() {
                    @Override
                    public void challenged() {
                        door.challenged();
                    }

                    @Override
                    public void authenticated(Identity identity) {
                        Admission.this.authenticated(identity, null);
                    }

                    @Override
                    public void failed(ResourceException reason) {
                        if (door.isAwaited()) {
                            Admission.this.authenticated(null, reason);
                        } else {
                            door.notAuthenticatedAgain(reason); // [MQTT-4.12.1-2]
                        }
                    }
                });
        authentication = exchanges;
        exchanges.begin(step.data());
    }

    /** Whether the client is authenticated by a method, and may send AUTH. */
    boolean isInSteps() {
        return authentication != null;
    }

    /**
     * AUTH came.
     *
     * @throws MqttViolation if CONNECT named no method, or it is out of turn
     */
    void auth(MqttMessage message) {
        if (authentication == null) {
            throw MqttViolation.protocolError("AUTH without an authentication method in CONNECT"); // [MQTT-4.12.0-7]
        }
        authentication.auth(message);
    }

    /** Adds what CONNACK says of how the client was authenticated. */
    void describe(PropertyWriter connack) {
        if (authentication != null) {
            authentication.describe(connack);
        }
    }

    private void authenticated(@Nullable Identity identity, @Nullable Throwable failure) {
        if (!door.isAwaited()) {
            return;
        }
        if (identity == null) {
            ResourceException reason = ResourceException.from(
                    failure == null ? new IllegalStateException("the authenticator gave no identity") : failure);
            Refusal refusal = Refusal.of(reason.code());
            door.refuse(refusal.connack(), refusal.connack311(), reason.getMessage());
            return;
        }
        Sessions.Claim mine = server.sessions.claim(request.clientId(), door::takenOver);
        claim = mine;
        mine.previous().thenAcceptAsync(previous -> claimed(identity, mine, previous), ctx.executor());
    }

    private void claimed(Identity identity, Sessions.Claim mine, Optional<SessionState> previous) {
        if (!door.isAwaited()) {
            // Gone meanwhile: what the holder before left is left again, for the next.
            mine.release(previous);
            return;
        }
        SessionState session = previous.orElse(null);
        if (session != null
                && (request.cleanStart() || !session.identity().name().equals(identity.name()))) {
            // [MQTT-3.1.2-4]; another user's session is not this client's
            server.sessions
                    .end(session)
                    .whenCompleteAsync((done, failure) -> admit(identity, mine, Optional.empty()), ctx.executor());
        } else {
            admit(identity, mine, previous);
        }
    }

    private void admit(Identity identity, Sessions.Claim mine, Optional<SessionState> previous) {
        if (door.isAwaited()) {
            door.admit(identity, mine, previous);
        } else {
            mine.release(previous);
        }
    }

    /** Whether the client has come so far that its client id was claimed. */
    boolean isKnown() {
        return claim != null;
    }

    /** The client has gone. */
    void stop() {
        if (authentication != null) {
            authentication.stop();
        }
    }
}
