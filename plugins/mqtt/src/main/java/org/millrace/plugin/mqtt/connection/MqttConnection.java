package org.millrace.plugin.mqtt.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.codec.ControlPackets;
import org.millrace.plugin.mqtt.codec.MqttViolation;
import org.millrace.plugin.mqtt.codec.PacketFramer;
import org.millrace.plugin.mqtt.codec.PropertyWriter;
import org.millrace.plugin.mqtt.codec.ReasonCode;
import org.millrace.plugin.mqtt.mapping.Refusal;
import org.millrace.plugin.mqtt.session.SessionState;
import org.millrace.plugin.mqtt.session.Sessions;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ResourceException;

/**
 * The state machine of one connection: waits for CONNECT, has the client authenticated and its client id claimed, then
 * serves it until either side ends. Used by the connection's event loop, except where a method says otherwise.
 */
public final class MqttConnection extends ChannelInboundHandlerAdapter {
    private enum State {
        AWAITING_CONNECT,
        CONNECTING,
        CONNECTED,
        ENDING
    }

    private final MqttServer server;
    private final PacketFramer framer;
    private ConnectionInfo via;
    private State state = State.AWAITING_CONNECT;
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private @Nullable ChannelHandlerContext context;
    private @Nullable ConnectionTimer timer;
    private @Nullable ServedClient client;
    private @Nullable Admission admission;
    private CompletionStage<Void> released = CompletableFuture.completedStage(null);
    private final ConnectionLog log;
    private int maxPacketSize = Integer.MAX_VALUE;

    /**
     * Makes a connection's handler, to be added behind Netty's decoder.
     *
     * @param server what connections share
     * @param via where the client comes from
     */
    public MqttConnection(MqttServer server, ConnectionInfo via) {
        this.server = server;
        this.via = via;
        this.log = new ConnectionLog(server.context.log(), () -> this.via);
        this.framer = new PacketFramer(server.config.maxPacketSize().toIntSaturated(), this::violated);
    }

    /** Where what an operator should know of this connection goes. */
    ConnectionLog log() {
        return log;
    }

    /**
     * The handler that goes in front of Netty's decoder.
     *
     * @return this connection's
     */
    public PacketFramer framer() {
        return framer;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        timer = new ConnectionTimer(ctx.executor(), framer);
        long allowed = server.config.connectTimeout().toMillis();
        timer.after(allowed, () -> {
            log.warn((state == State.AWAITING_CONNECT ? "sent no CONNECT in " : "was not known after ") + allowed
                    + " ms");
            ctx.close();
        });
        server.opened(this);
    }

    private ChannelHandlerContext ctx() {
        if (context == null) {
            throw new IllegalStateException("not in a pipeline yet");
        }
        return context;
    }

    private ConnectionTimer timer() {
        if (timer == null) {
            throw new IllegalStateException("not in a pipeline yet");
        }
        return timer;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object object) {
        framer.decoded();
        try {
            if (state != State.ENDING && object instanceof MqttMessage message) {
                timer().heard();
                server.traffic.packetReceived();
                if (message.decoderResult().isFailure()) {
                    throw MqttViolation.malformed(
                            String.valueOf(message.decoderResult().cause().getMessage()));
                }
                handle(message);
            }
        } catch (MqttViolation violation) {
            violated(violation);
        } catch (ConnectRefused refused) {
            if (!refused.isReported()) {
                log.warn(String.valueOf(refused.getMessage()));
            }
            refuseUnlogged(refused.reason(), refused.returnCode311(), refused.getMessage());
        } catch (ResourceException e) {
            end(Refusal.of(e.code()).disconnect(), e.getMessage());
        } finally {
            ReferenceCountUtil.release(object);
        }
    }

    private void handle(MqttMessage message) {
        if (message instanceof MqttConnectMessage connect) {
            if (state != State.AWAITING_CONNECT) {
                throw MqttViolation.protocolError("a second CONNECT"); // [MQTT-3.1.0-2]
            }
            server.traffic.connectReceived();
            maxPacketSize = ConnectRequest.maxPacketSize(connect);
            server.connectRates.count(connect.payload().clientIdentifier());
            connect(ConnectRequest.of(connect, server.config, server.mapping));
            return;
        }
        ServedClient serving = client;
        if (serving == null) {
            beforeConnack(message);
            return;
        }
        MqttMessageType type = message.fixedHeader().messageType();
        if (type == MqttMessageType.DISCONNECT) {
            serving.disconnect(message);
            state = State.ENDING;
            ctx().close();
        } else if (type == MqttMessageType.AUTH && admission != null) {
            admission.auth(message);
        } else {
            serving.take(message);
        }
    }

    /** While a client is being authenticated by a method, it may answer or give up ([MQTT-3.1.2-30]). */
    private void beforeConnack(MqttMessage message) {
        Admission running = admission;
        MqttMessageType type = message.fixedHeader().messageType();
        if (running != null && running.isInSteps() && type == MqttMessageType.AUTH) {
            framer.pause();
            running.auth(message);
        } else if (running != null && running.isInSteps() && type == MqttMessageType.DISCONNECT) {
            state = State.ENDING;
            ctx().close();
        } else {
            throw MqttViolation.protocolError("a packet before CONNECT was answered");
        }
    }

    // CONNECT, step by step: authenticate, claim the client id, serve.

    private void connect(ConnectRequest request) {
        state = State.CONNECTING;
        framer.pause();
        via = via.withProtocol(request.level() == 5 ? "mqtt/5" : "mqtt/3.1.1").withClientId(request.clientId());
        Admission next = new Admission(server, ctx(), via, request, new Entrance(this, request));
        admission = next;
        next.begin();
    }

    /** Whether CONNECT has come and is not answered yet. */
    boolean isConnecting() {
        return state == State.CONNECTING;
    }

    /** The client has been asked something, and may answer. */
    void challenged() {
        if (state == State.CONNECTING) {
            framer.resume();
        }
    }

    /** Adds what CONNACK says of how the client was authenticated. */
    void describeAuthentication(PropertyWriter connack) {
        if (admission != null) {
            admission.describe(connack);
        }
    }

    /** The client is known, and has the session: CONNACK, and all that follows it. */
    void serve(ConnectRequest request, Identity identity, Sessions.Claim mine, Optional<SessionState> previous) {
        try {
            client = ServedClient.connect(server, ctx(), framer, via, request, identity, previous, mine, this);
        } catch (ResourceException e) {
            mine.release(previous);
            Refusal refusal = Refusal.of(e.code());
            refuse(refusal.connack(), refusal.connack311(), e.getMessage());
            return;
        }
        state = State.CONNECTED;
        timer().keepAlive(request.keepAliveSeconds(), () -> {
            log.warn("sent no packet for one and a half times the keep-alive");
            end(ReasonCode.KEEP_ALIVE_TIMEOUT, "no packet for one and a half times the keep-alive");
        });
        framer.resume();
    }

    /** Answers CONNECT with a refusal, or closes where the client's version has no code for it. */
    void refuse(ReasonCode code, int code311, @Nullable String reason) {
        if (state == State.ENDING) {
            return;
        }
        log.warn(reason == null ? code.toString() : reason);
        refuseUnlogged(code, code311, reason);
    }

    private void refuseUnlogged(ReasonCode code, int code311, @Nullable String reason) {
        boolean reveals = framer.level() == 5 || code311 > 0;
        state = State.ENDING;
        if (reveals) {
            sayGoodBye(ControlPackets.refuseConnection(
                    ctx().alloc(), framer.level(), code, code311, reason, maxPacketSize));
        } else {
            ctx().close();
        }
    }

    // The end, in its several ways.

    private void violated(MqttViolation violation) {
        if (state == State.ENDING) {
            return; // one breach, one line
        }
        server.protocolErrors.increment();
        if (client == null) {
            int code311 = violation.reason() == ReasonCode.UNSUPPORTED_PROTOCOL_VERSION ? 1 : 0;
            refuse(violation.reason(), code311, violation.getMessage());
        } else {
            log.warn(String.valueOf(violation.getMessage()));
            endNow(violation.reason(), violation.getMessage());
        }
    }

    /**
     * Ends the connection from the server's side. Any thread may call.
     *
     * @param code what an MQTT 5 client is told
     * @param reason for people
     * @return completes when the connection is closed
     */
    CompletableFuture<Void> end(ReasonCode code, @Nullable String reason) {
        ctx().executor().execute(() -> endNow(code, reason));
        return gone;
    }

    /** The same on the connection's event loop. */
    void endNow(ReasonCode code, @Nullable String reason) {
        if (state == State.ENDING) {
            return;
        }
        boolean told = state == State.CONNECTED && framer.level() == 5;
        boolean reasons = client != null && client.request().wantsReasons();
        if (told) {
            state = State.ENDING;
            // Request problem information of 0 still allows a reason string here (section 3.1.2.11.7).
            sayGoodBye(ControlPackets.disconnect(ctx().alloc(), code, reasons ? reason : null, maxPacketSize));
        } else if (state == State.CONNECTING) {
            refuse(code, 3, reason);
        } else {
            state = State.ENDING;
            ctx().close();
        }
    }

    private void sayGoodBye(ByteBuf packet) {
        leave();
        LastWord.say(packet, ctx(), framer, timer());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        timer().cancel();
        State before = state;
        state = State.ENDING;
        server.closed(this);
        boolean unknown = admission == null || !admission.isKnown();
        leave();
        released.whenComplete((done, failure) -> gone.complete(null));
        if (unknown && before == State.CONNECTING) {
            server.context.log().log(Level.DEBUG, "{0} left while it was being authenticated", via.remote());
        }
        ctx.fireChannelInactive();
    }

    /** Lets go of the client id, once; the session does not wait for the socket to close. */
    private void leave() {
        if (admission != null) {
            admission.stop();
        }
        if (client != null) {
            released = client.leave();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (client != null && state == State.CONNECTED) {
            client.outbound().batchEnd();
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (client != null && state == State.CONNECTED && ctx.channel().isWritable()) { // [MQTT-3.14.4-1]
            client.outbound().drain();
            client.outbound().batchEnd();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException) && state != State.ENDING) {
            server.context
                    .log()
                    .log(
                            Level.ERROR,
                            "closed the mqtt connection of " + log.who() + " after an internal error; please report it",
                            cause);
        }
        state = State.ENDING;
        ctx.close();
    }
}
