package org.millrace.plugin.mqtt.system;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;

/** What the topics under {@code $SYS/broker/} show. Read by one thread at a time. */
public final class SystemFigures {
    private static final Path METRICS = Path.of("$sys/metrics");
    private static final String RECORDS = "millrace_store_records ";

    /**
     * How many clients there are.
     *
     * @param connected with a connection
     * @param waiting with a session alone
     * @param expired sessions that waited in vain, since the start
     */
    public record Clients(LongSupplier connected, LongSupplier waiting, LongSupplier expired) {}

    /**
     * PUBLISH packets.
     *
     * @param received from clients
     * @param sent to clients
     * @param dropped instead of being sent
     */
    public record Published(Tally received, Tally sent, Tally dropped) {}

    private final PluginContext context;
    private final Traffic traffic;
    private final Clients clients;
    private final Published published;
    private final Resources own;
    private final Instant started;
    private final Map<LoadAverage, LongSupplier> loads = new LinkedHashMap<>();
    private long mostClients;
    private long mostHeap;

    /**
     * Starts to count the time.
     *
     * @param context the host's offer
     * @param traffic what all connections count
     * @param clients how many there are
     * @param published what they publish
     */
    public SystemFigures(PluginContext context, Traffic traffic, Clients clients, Published published) {
        this.context = context;
        this.traffic = traffic;
        this.clients = clients;
        this.published = published;
        this.started = context.clock().instant();
        this.own = context.resources(
                new Identity(context.pluginId(), Set.of("admin")),
                new ConnectionInfo(context.pluginId(), "this host", false, ""),
                Runnable::run);
        load("connections", traffic::connects);
        load("sockets", traffic::sockets);
        load("bytes/received", traffic::bytesReceived);
        load("bytes/sent", traffic::bytesSent);
        load("messages/received", traffic::packetsReceived);
        load("messages/sent", traffic::packetsSent);
        load("publish/received", published.received()::sum);
        load("publish/sent", published.sent()::sum);
        load("publish/dropped", published.dropped()::sum);
    }

    private void load(String topic, LongSupplier count) {
        loads.put(new LoadAverage(topic), count);
    }

    void read(long seconds, Readings to) {
        to.show("version", "millrace version " + version());
        long uptime = Duration.between(started, context.clock().instant()).toSeconds();
        to.show("uptime", uptime + " seconds");
        long connected = clients.connected().getAsLong();
        long waiting = clients.waiting().getAsLong();
        mostClients = Math.max(mostClients, connected);
        to.show("clients/connected", connected);
        to.show("clients/disconnected", waiting);
        to.show("clients/total", connected + waiting);
        to.show("clients/maximum", mostClients);
        to.show("clients/expired", clients.expired().getAsLong());
        to.show("messages/received", traffic.packetsReceived());
        to.show("messages/sent", traffic.packetsSent());
        to.show("bytes/received", traffic.bytesReceived());
        to.show("bytes/sent", traffic.bytesSent());
        to.show("publish/messages/received", published.received().sum());
        to.show("publish/messages/sent", published.sent().sum());
        to.show("publish/messages/dropped", published.dropped().sum());
        to.show("subscriptions/count", traffic.subscriptions());
        to.show("shared_subscriptions/count", traffic.sharedSubscriptions());
        records().ifPresent(records -> to.show("retained messages/count", records));
        heap(to);
        loads.forEach((average, count) -> {
            average.sample(count.getAsLong(), seconds);
            average.show(to);
        });
    }

    private void heap(Readings to) {
        long heap = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        mostHeap = Math.max(mostHeap, heap);
        to.show("heap/current size", heap);
        to.show("heap/maximum size", mostHeap);
    }

    private static String version() {
        return Optional.ofNullable(SystemFigures.class.getPackage().getImplementationVersion())
                .orElse("development");
    }

    /** Retained messages are records; the host counts these, and shows the count among its metrics. */
    private OptionalLong records() {
        try {
            return own.get(METRICS)
                    .toCompletableFuture()
                    .getNow(Optional.empty())
                    .map(SystemFigures::records)
                    .orElse(OptionalLong.empty());
        } catch (ResourceException | java.util.concurrent.CompletionException e) {
            context.log().log(System.Logger.Level.DEBUG, "the host shows no metrics", e);
            return OptionalLong.empty();
        }
    }

    private static OptionalLong records(Entry metrics) {
        return StandardCharsets.UTF_8
                .decode(metrics.content().bytes())
                .toString()
                .lines()
                .filter(line -> line.startsWith(RECORDS))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(RECORDS.length())))
                .findFirst();
    }
}
