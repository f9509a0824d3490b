package org.millrace.plugin.amqp.connection;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.AmqpConfig;
import org.millrace.plugin.amqp.feed.Groups;
import org.millrace.plugin.amqp.link.RecoverableLinks;
import org.millrace.plugin.amqp.mapping.MessageMapping;
import org.millrace.spi.plugin.Metrics;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.TopicFilter;

/** What all connections share. Immutable but for its registries, which any thread may use. */
public final class AmqpServer {
    private static final long HOUR_MILLIS = 3_600_000;

    final PluginContext context;
    final AmqpConfig config;
    final MessageMapping mapping;
    final Groups groups;
    final RecoverableLinks recoverable;
    final int messageLimit;
    final Metrics.Counter messagesReceived;
    final Metrics.Counter messagesSent;
    final Metrics.Counter messagesRefused;
    final Metrics.Counter protocolErrors;

    private final Set<AmqpConnection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;
    private @Nullable ScheduledFuture<?> abandoned;

    /**
     * Makes a server without connections.
     *
     * @param context the host's offer
     * @param config the plugin's configuration
     */
    public AmqpServer(PluginContext context, AmqpConfig config) {
        this.context = context;
        this.config = config;
        this.mapping = new MessageMapping(context.contents(), config.content(), context.clock());
        this.groups = new Groups(context, config);
        this.recoverable = new RecoverableLinks(2 * config.linkCredit(), config.maxRecoverable());
        this.messageLimit = config.messageLimit(context.contents().maxSize());
        Metrics metrics = context.metrics();
        messagesReceived = metrics.counter("messages_received", "messages from clients");
        messagesSent = metrics.counter("messages_sent", "messages to clients");
        messagesRefused = metrics.counter("messages_refused", "messages that were rejected or could not be taken");
        protocolErrors = metrics.counter("protocol_errors", "connections ended for breaking the protocol");
    }

    /**
     * Reads what earlier runs left.
     *
     * @throws InterruptedException if interrupted while the disk is waited for
     */
    public void start() throws InterruptedException {
        config.queues().forEach(TopicFilter::of);
        Redirect.check(config);
        groups.start();
        long millis = config.abandonedAfter().toMillis();
        if (millis > 0) {
            long often = Math.clamp(millis / 10, 100, HOUR_MILLIS);
            abandoned = context.scheduler()
                    .scheduleWithFixedDelay(this::removeAbandoned, often, often, TimeUnit.MILLISECONDS);
        }
    }

    private void removeAbandoned() {
        context.executor().execute(groups::removeAbandoned);
    }

    void opened(AmqpConnection connection) {
        connections.add(connection);
        if (stopping) {
            var _ = connection.shutDown();
        }
    }

    void closed(AmqpConnection connection) {
        connections.remove(connection);
    }

    /**
     * Says good-bye to every client and waits until their connections are closed, for a few seconds at most.
     *
     * @throws InterruptedException if interrupted while waiting
     */
    public void stop() throws InterruptedException {
        stopping = true;
        if (abandoned != null) {
            abandoned.cancel(false);
        }
        CompletableFuture<?>[] closing =
                connections.stream().map(AmqpConnection::shutDown).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(closing).get(5, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            context.log().log(
                    System.Logger.Level.WARNING,
                    "{0} amqp connections did not close in 5 s; the host closes them",
                    connections.size());
        }
        try {
            groups.stop().toCompletableFuture().get(5, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            context.log().log(
                    System.Logger.Level.WARNING,
                    "the last places of durable subscriptions may not be copied for other nodes: {0}",
                    String.valueOf(e.getMessage()));
        }
    }
}
