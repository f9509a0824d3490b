package org.millrace.plugin.mqtt.connection;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.mqtt.MqttConfig;
import org.millrace.plugin.mqtt.codec.ControlPackets;
import org.millrace.plugin.mqtt.codec.MqttViolation;
import org.millrace.plugin.mqtt.codec.PacketFramer;
import org.millrace.plugin.mqtt.codec.PropertyWriter;
import org.millrace.plugin.mqtt.codec.ReasonCode;
import org.millrace.plugin.mqtt.delivery.Bounds;
import org.millrace.plugin.mqtt.delivery.DeliveryListener;
import org.millrace.plugin.mqtt.delivery.Flight;
import org.millrace.plugin.mqtt.delivery.Flusher;
import org.millrace.plugin.mqtt.delivery.MqttSubscription;
import org.millrace.plugin.mqtt.delivery.Outbound;
import org.millrace.plugin.mqtt.mapping.MessageProperties;
import org.millrace.plugin.mqtt.mapping.Refusal;
import org.millrace.plugin.mqtt.session.KeptSession;
import org.millrace.plugin.mqtt.session.SessionState;
import org.millrace.plugin.mqtt.session.SessionState.Saved;
import org.millrace.plugin.mqtt.session.Sessions;
import org.millrace.plugin.mqtt.session.Will;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;

/** A client between CONNACK and the end of its connection. Used by the connection's event loop only. */
final class ServedClient {
    private final MqttServer server;
    private final ConnectionInfo via;
    private final ConnectRequest request;
    private final Resources resources;
    private final Flusher flusher;
    private final Outbound outbound;
    private final Inbound inbound;
    private final Subscriptions subscriptions;
    private final SubscribePackets subscribePackets;
    private final @Nullable KeptSession kept;
    private long expirySeconds;
    private @Nullable Will will;
    private final Sessions.Claim claim;
    private @Nullable CompletionStage<Void> left;

    private ServedClient(
            MqttServer server,
            ChannelHandlerContext ctx,
            PacketFramer framer,
            ConnectionInfo via,
            ConnectRequest request,
            Identity identity,
            MqttConnection connection,
            Sessions.Claim claim,
            @Nullable KeptSession kept) {
        this.server = server;
        this.claim = claim;
        this.via = via;
        this.request = request;
        this.expirySeconds = request.expirySeconds();
        this.will = request.will();
        this.kept = kept;
        MqttConfig config = server.config;
        resources = server.context.resources(identity, via, ctx.executor());
        flusher = new Flusher(ctx);
        outbound = new Outbound(
                flusher,
                new Bounds(
                        request.level(),
                        request.clientId(),
                        Math.min(request.receiveMaximum(), config.maxInflight()),
                        request.maxPacketSize(),
                        request.topicAliasMaximum(),
                        config.latestBeyond(),
                        config.maxWaiting().bytes()),
                server.context.clock(),
                server.messagesSent,
                server.messagesDropped,
                new Deliveries(connection),
                kept);
        inbound = new Inbound(
                flusher,
                framer,
                resources,
                server.mapping,
                new Inbound.Limits(
                        request.level(),
                        config.receiveMaximum(),
                        config.topicAliasMaximum(),
                        request.wantsReasons(),
                        request.maxPacketSize()),
                new SilentRefusals(connection),
                server.messagesRefused,
                kept,
                PublishPace.of(config, server.publishRate, connection.log()::publishesTooFast));
        subscriptions = new Subscriptions(
                server, resources, via, outbound, ctx.executor(), reason -> giveUp(connection, reason));
        subscribePackets = new SubscribePackets(
                server,
                subscriptions,
                request,
                flusher,
                outbound,
                reason -> giveUp(connection, reason),
                connection.log()::subscriptionRefused);
        if (kept != null) {
            subscriptions.keepIn(kept);
        }
    }

    /** The session cannot be kept; the client goes on with what was kept before once it can. */
    private static void giveUp(MqttConnection connection, ResourceException reason) {
        connection.end(ReasonCode.UNSPECIFIED_ERROR, "the session cannot be kept: " + reason.getMessage());
    }

    /**
     * Answers CONNECT with success and starts to serve.
     *
     * @param previous the session to go on with
     * @param claim the hold on the client id
     * @throws ResourceException if the client may have no view of the records
     */
    static ServedClient connect(
            MqttServer server,
            ChannelHandlerContext ctx,
            PacketFramer framer,
            ConnectionInfo via,
            ConnectRequest request,
            Identity identity,
            Optional<SessionState> previous,
            Sessions.Claim claim,
            MqttConnection connection) {
        boolean wasKept =
                previous.filter(session -> !session.generation().isEmpty()).isPresent();
        // One that is to end with this connection is on disk as such, lest it is found there again.
        KeptSession kept = request.expirySeconds() == 0 && !wasKept
                ? null
                : claim.keep(identity, via, request.expirySeconds(), request.will(), previous, ctx.executor());
        ServedClient client = new ServedClient(server, ctx, framer, via, request, identity, connection, claim, kept);
        client.start(previous, connection);
        return client;
    }

    private void start(Optional<SessionState> previous, MqttConnection connection) {
        SessionState session = previous.orElse(null);
        List<Runnable> afterwards = List.of();
        boolean present = false;
        if (session != null) {
            session.will().set(null); // back in time, [MQTT-3.1.3-9]
            try {
                afterwards = subscriptions.resume(session.subscriptions(), session.orphans());
                present = true;
            } catch (ResourceException e) {
                subscriptions.removeAll();
                forgetKept(session);
                server.context
                        .log()
                        .log(
                                Level.WARNING,
                                "mqtt client ''{0}'' starts without its session, which cannot be resumed: {1}."
                                        + " Keep the journal longer if clients stay away for longer",
                                request.clientId(),
                                e.getMessage());
            }
        }
        PropertyWriter properties = connackProperties();
        connection.describeAuthentication(properties);
        flusher.write(ControlPackets.acceptConnection(flusher.alloc(), request.level(), present, properties));
        if (session != null && present) {
            inbound.resume(session.received());
            outbound.resume(session.orphans(), new MessageSearch(resources));
        }
        afterwards.forEach(Runnable::run);
        flusher.flush();
    }

    /** What cannot be resumed must not come back after a restart either. */
    private void forgetKept(SessionState session) {
        if (kept != null) {
            session.subscriptions().forEach(s -> kept.unsubscribed(s.number()));
            session.received().forEach(kept::released);
            server.shares.ended(kept.generation(), session.orphans());
            kept.save(Flight.NONE);
        }
    }

    private PropertyWriter connackProperties() {
        MqttConfig config = server.config;
        PropertyWriter properties = new PropertyWriter();
        properties.twoBytes(MqttProperties.RECEIVE_MAXIMUM, config.receiveMaximum());
        properties.fourBytes(
                MqttProperties.MAXIMUM_PACKET_SIZE, config.maxPacketSize().bytes());
        properties.twoBytes(MqttProperties.TOPIC_ALIAS_MAXIMUM, config.topicAliasMaximum());
        if (request.expiryCut()) {
            properties.fourBytes(MqttProperties.SESSION_EXPIRY_INTERVAL, request.expirySeconds());
        }
        if (request.assigned()) {
            properties.string(MqttProperties.ASSIGNED_CLIENT_IDENTIFIER, request.clientId());
        }
        if (request.keepAliveCut()) {
            properties.twoBytes(MqttProperties.SERVER_KEEP_ALIVE, request.keepAliveSeconds());
        }
        String responses = server.responseInformation.tell(request);
        if (responses != null) { // [MQTT-3.1.2-28]
            properties.string(MqttProperties.RESPONSE_INFORMATION, responses);
        }
        return properties;
    }

    /** What the connection does about its subscriptions. */
    private final class Deliveries implements DeliveryListener {
        private final MqttConnection connection;

        Deliveries(MqttConnection connection) {
            this.connection = connection;
        }

        @Override
        public void lost(MqttSubscription subscription, ResourceException reason) {
            connection.end(
                    Refusal.of(reason.code()).disconnect(),
                    "subscription '" + subscription.options().filter() + "' ended: " + reason.getMessage());
        }

        @Override
        public void failed(ResourceException reason) {
            giveUp(connection, reason);
        }

        @Override
        public void over(MqttSubscription subscription) {
            subscriptions.over(subscription);
        }
    }

    ConnectRequest request() {
        return request;
    }

    Outbound outbound() {
        return outbound;
    }

    /** Takes a packet of the client, but for those that concern the connection itself. */
    void take(MqttMessage message) {
        switch (message.fixedHeader().messageType()) {
            case PUBLISH -> {
                server.messagesReceived.increment();
                inbound.publish((MqttPublishMessage) message);
            }
            case PUBACK -> outbound.acknowledgements().acknowledged(packetId(message));
            case PUBREC -> outbound.acknowledgements().received(packetId(message), isRefusal(message));
            case PUBREL -> inbound.release(packetId(message));
            case PUBCOMP -> outbound.acknowledgements().completed(packetId(message));
            case SUBSCRIBE -> subscribePackets.subscribe((MqttSubscribeMessage) message);
            case UNSUBSCRIBE -> subscribePackets.unsubscribe((MqttUnsubscribeMessage) message);
            case PINGREQ -> flusher.write(ControlPackets.pingResponse());
            case CONNECT, CONNACK, SUBACK, UNSUBACK, PINGRESP, DISCONNECT, AUTH ->
                throw MqttViolation.protocolError(message.fixedHeader().messageType() + " is not sent by clients");
        }
    }

    private static int packetId(MqttMessage message) {
        return ((MqttMessageIdVariableHeader) message.variableHeader()).messageId();
    }

    private static boolean isRefusal(MqttMessage message) {
        return message.variableHeader() instanceof MqttPubReplyMessageVariableHeader reply && reply.reasonCode() < 0;
    }

    /** DISCONNECT came: what it says of the session and of the will. */
    void disconnect(MqttMessage message) {
        boolean withWill = false;
        if (message.variableHeader() instanceof MqttReasonCodeAndPropertiesVariableHeader header) {
            withWill = header.reasonCode() == 0x04;
            changeExpiry(MessageProperties.unsigned(header.properties(), MqttProperties.SESSION_EXPIRY_INTERVAL, -1));
        }
        if (!withWill) {
            will = null; // [MQTT-3.1.2-10], section 3.14.4
        }
    }

    /** Changes how long the session outlives the connection; -1 if DISCONNECT does not say. */
    private void changeExpiry(long seconds) {
        if (seconds < 0) {
            return;
        }
        if (expirySeconds == 0 && seconds > 0) { // section 3.14.2.2.2
            throw MqttViolation.protocolError("DISCONNECT asks for a session expiry that CONNECT did not");
        }
        expirySeconds = Math.min(seconds, server.config.maxSessionExpiry().toSeconds());
    }

    /**
     * Closes everything and lets go of the client id, once.
     *
     * @return completes when no write is under way, and the next connection has what is left of the session
     */
    CompletionStage<Void> leave() {
        CompletionStage<Void> gone = left;
        if (gone == null) {
            gone = close().thenAccept(state -> claim.release(Optional.of(state)));
            left = gone;
        }
        return gone;
    }

    /** Completes with what is left of the session when no write is under way. */
    private CompletionStage<SessionState> close() {
        List<Saved> saved = subscriptions.saved();
        Flight flight = outbound.detach(subscriptions::close);
        List<Saved> subscribed = saved.stream()
                .map(s -> s.at(flight.places().getOrDefault(s.number(), s.place())))
                .toList();
        AtomicReference<@Nullable Will> last = new AtomicReference<>(will);
        String generation = kept == null ? "" : kept.generation();
        return inbound.close().thenApply(received -> {
            resources.close();
            return new SessionState(
                    resources.identity(), via, generation, expirySeconds, subscribed, flight.orphans(), received, last);
        });
    }
}
