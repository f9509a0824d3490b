package org.millrace.plugin.mqtt.connection;

import io.netty.channel.ChannelHandler;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.millrace.plugin.mqtt.MqttConfig;
import org.millrace.plugin.mqtt.codec.ReasonCode;
import org.millrace.plugin.mqtt.delivery.SharedGroups;
import org.millrace.plugin.mqtt.mapping.PublishMapping;
import org.millrace.plugin.mqtt.session.JournalHold;
import org.millrace.plugin.mqtt.session.Sessions;
import org.millrace.plugin.mqtt.session.SharedStore;
import org.millrace.plugin.mqtt.system.SystemFigures;
import org.millrace.plugin.mqtt.system.SystemTopics;
import org.millrace.plugin.mqtt.system.Tally;
import org.millrace.plugin.mqtt.system.Traffic;
import org.millrace.spi.plugin.Metrics;
import org.millrace.spi.plugin.PluginContext;

/** What all connections share. Immutable but for its registries, which any thread may use. */
public final class MqttServer {
    final PluginContext context;
    final MqttConfig config;
    final PublishMapping mapping;
    final Sessions sessions;
    final SharedGroups shares;
    final Traffic traffic = new Traffic();
    final SystemTopics systemTopics;
    final ConnectRates connectRates;
    final RateLimit publishRate;
    final ResponseInformation responseInformation;
    final Tally messagesReceived;
    final Tally messagesSent;
    final Tally messagesDropped;
    final Metrics.Counter messagesRefused;
    final Metrics.Counter protocolErrors;

    private final JournalHold hold;
    private final Set<MqttConnection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    /**
     * Makes a server without connections.
     *
     * @param context the host's offer
     * @param config the plugin's configuration
     */
    public MqttServer(PluginContext context, MqttConfig config) {
        this.context = context;
        this.config = config;
        this.mapping = new PublishMapping(context.contents(), config.content(), context.clock());
        this.shares = new SharedGroups(context, new SharedStore(context));
        this.sessions = new Sessions(context, shares, config.maxSessions(), config.maxSessionLag());
        this.responseInformation = new ResponseInformation(config.responseInformation());
        this.hold = new JournalHold(context, sessions, shares, config.maxSessionLag());
        Metrics metrics = context.metrics();
        messagesReceived = new Tally(metrics.counter("messages_received", "PUBLISH packets from clients"));
        messagesSent = new Tally(metrics.counter("messages_sent", "PUBLISH packets to clients"));
        messagesDropped = new Tally(metrics.counter(
                "messages_dropped",
                "messages not sent: expired, larger than the client takes, or QoS 0 to a slow one"));
        messagesRefused = metrics.counter("messages_refused", "PUBLISH packets that were refused");
        connectRates = new ConnectRates(
                config,
                refused -> context.log().log(
                        System.Logger.Level.WARNING,
                        "refused {0} mqtt connections that came faster than mqtt.max-connect-rate or"
                                + " mqtt.max-total-connect-rate allow; more are counted for a minute before they"
                                + " are told",
                        refused));
        publishRate = new RateLimit(config.maxTotalPublishRate(), System.nanoTime());
        protocolErrors = metrics.counter("protocol_errors", "connections ended for breaking the protocol");
        metrics.gauge("sessions", "sessions, with and without a connection", sessions::count);
        systemTopics = new SystemTopics(
                context,
                new SystemFigures(
                        context,
                        traffic,
                        new SystemFigures.Clients(
                                () -> sessions.count() - sessions.waiting(), sessions::waiting, sessions::expired),
                        new SystemFigures.Published(messagesReceived, messagesSent, messagesDropped)));
    }

    /**
     * The handler that stands in front of all others in every connection's pipeline.
     *
     * @return one for all
     */
    public ChannelHandler traffic() {
        return traffic;
    }

    /** Brings back the sessions of an earlier run. May block; called before there are connections. */
    public void start() {
        shares.load();
        hold.start();
        sessions.start(hold::update);
        systemTopics.start(config.systemTopicsInterval().toSeconds());
    }

    void opened(MqttConnection connection) {
        connections.add(connection);
        if (stopping) {
            connection.end(ReasonCode.SERVER_SHUTTING_DOWN, "the server is shutting down");
        }
    }

    void closed(MqttConnection connection) {
        connections.remove(connection);
    }

    /**
     * Says good-bye to every client and waits until their connections are closed, for a few seconds at most.
     *
     * @throws InterruptedException if interrupted while waiting
     */
    public void stop() throws InterruptedException {
        stopping = true;
        systemTopics.stop();
        CompletableFuture<?>[] closing = connections.stream()
                .map(c -> c.end(ReasonCode.SERVER_SHUTTING_DOWN, "the server is shutting down"))
                .toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(closing).get(5, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            context.log().log(
                    System.Logger.Level.WARNING,
                    "{0} mqtt connections did not close in 5 s; the host closes them",
                    connections.size());
        }
        sessions.stop(5);
    }
}
