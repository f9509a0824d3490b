package org.millrace.plugin.mqtt.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.codec.ControlPackets;
import org.millrace.plugin.mqtt.codec.MqttViolation;
import org.millrace.plugin.mqtt.codec.PropertyWriter;
import org.millrace.spi.identity.Authenticator;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * One client's exchanges by an authentication method (MQTT 5 section 4.12): the one that CONNECT begins, and later ones by
 * which the client shows again who it is. Other packets go on during those (section 4.12.1). Used by the connection's event
 * loop only; a connection that ends calls {@link #stop}.
 */
final class EnhancedAuthentication {
    /** More than any mechanism needs, so that nobody can be kept busy with challenges. */
    private static final int MAX_STEPS = 16;

    private static final int SUCCESS = 0x00;
    private static final int CONTINUE = 0x18;
    private static final int RE_AUTHENTICATE = 0x19;
    private static final byte[] NOTHING = {};

    /** Told how the first exchange goes, and how a later one fails. */
    interface Outcome {
        /** The client was sent a challenge; its answer may be read. */
        void challenged();

        /** The first exchange is over. */
        void authenticated(Identity identity);

        /** An exchange has failed; the connection has to end. */
        void failed(ResourceException reason);
    }

    private final Authenticator authenticator;
    private final ConnectionInfo via;
    private final String method;
    private final ChannelHandlerContext ctx;
    private final int maxPacketSize;
    private final Outcome outcome;

    private Authenticator.@Nullable Exchange running;
    private @Nullable Identity identity;
    private byte[] lastData = NOTHING;
    private boolean hostIsToAnswer;
    private boolean stopped;
    private int steps;

    EnhancedAuthentication(
            Authenticator authenticator,
            ConnectionInfo via,
            String method,
            ChannelHandlerContext ctx,
            int maxPacketSize,
            Outcome outcome) {
        this.authenticator = authenticator;
        this.via = via;
        this.method = method;
        this.ctx = ctx;
        this.maxPacketSize = maxPacketSize;
        this.outcome = outcome;
    }

    /** Starts an exchange with what the client sent along. */
    void begin(byte[] data) {
        steps = 0;
        Authenticator.Exchange exchange;
        try {
            exchange = authenticator.exchange(method, via);
        } catch (ResourceException e) {
            outcome.failed(e);
            return;
        }
        running = exchange;
        respond(exchange, data);
    }

    /** Takes AUTH, which goes on with an exchange or begins one anew. */
    void auth(MqttMessage message) {
        AuthenticationStep step = null;
        int code = SUCCESS;
        if (message.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header) {
            code = header.reasonCode() & 0xff;
            step = AuthenticationStep.of(header.properties());
        }
        if (step == null || !step.method().equals(method)) { // [MQTT-4.12.0-5], [MQTT-4.12.1-1]
            throw MqttViolation.protocolError("AUTH "
                    + (step == null ? "without an authentication method" : "with method '" + step.method() + "'")
                    + "; CONNECT named '" + method + "'");
        }
        Authenticator.Exchange exchange = running;
        switch (code) {
            case CONTINUE -> {
                if (exchange == null || hostIsToAnswer) {
                    throw MqttViolation.protocolError("AUTH continues, but there was no challenge to answer");
                }
                respond(exchange, step.data());
            }
            case RE_AUTHENTICATE -> {
                if (exchange != null || identity == null) {
                    throw MqttViolation.protocolError("AUTH begins anew while the client is being authenticated");
                }
                begin(step.data());
            }
            default ->
                throw MqttViolation.protocolError( // [MQTT-3.15.2-1]
                        "AUTH with reason code 0x" + Integer.toHexString(code) + "; clients send 0x18 or 0x19");
        }
    }

    private void respond(Authenticator.Exchange exchange, byte[] data) {
        if (++steps > MAX_STEPS) {
            outcome.failed(new ResourceException(
                    ErrorCode.UNAUTHENTICATED, "no authentication takes more than " + MAX_STEPS + " steps"));
            return;
        }
        hostIsToAnswer = true;
        exchange.respond(data).whenCompleteAsync((step, failure) -> answered(exchange, step, failure), ctx.executor());
    }

    private void answered(
            Authenticator.Exchange exchange, Authenticator.@Nullable Step step, @Nullable Throwable failure) {
        if (stopped || running != exchange) {
            return;
        }
        hostIsToAnswer = false;
        switch (step) {
            case null ->
                outcome.failed(ResourceException.from(
                        failure == null ? new IllegalStateException("the authenticator gave no step") : failure));
            case Authenticator.Challenge challenge -> {
                if (send(CONTINUE, challenge.bytes())) {
                    outcome.challenged();
                }
            }
            case Authenticator.Success success -> succeed(success);
        }
    }

    private void succeed(Authenticator.Success success) {
        running = null;
        Identity known = identity;
        if (known == null) {
            identity = success.identity();
            lastData = success.bytes(); // goes with CONNACK
            outcome.authenticated(success.identity());
        } else if (known.name().equals(success.identity().name())) {
            send(SUCCESS, success.bytes());
        } else {
            outcome.failed(new ResourceException(
                    ErrorCode.FORBIDDEN,
                    "the client was '" + known.name() + "' and cannot become another user; connect anew for that"));
        }
    }

    private boolean send(int code, byte[] data) {
        ByteBuf packet = ControlPackets.authentication(ctx.alloc(), code, describe(new PropertyWriter(), data));
        if (packet.readableBytes() > maxPacketSize) { // [MQTT-3.1.2-24]
            packet.release();
            outcome.failed(new ResourceException(
                    ErrorCode.TOO_LARGE, "the method's challenge exceeds the client's maximum packet size"));
            return false;
        }
        ctx.writeAndFlush(packet, ctx.voidPromise());
        return true;
    }

    /** Adds what CONNACK says of the exchange ([MQTT-4.12.0-5]). */
    void describe(PropertyWriter connack) {
        describe(connack, lastData);
        lastData = NOTHING;
    }

    private PropertyWriter describe(PropertyWriter properties, byte[] data) {
        properties.string(MqttProperties.AUTHENTICATION_METHOD, method);
        return data.length == 0 ? properties : properties.binary(MqttProperties.AUTHENTICATION_DATA, data);
    }

    /** What the host still answers is of no interest. */
    void stop() {
        stopped = true;
    }
}
