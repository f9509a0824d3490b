package org.millrace.host.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.millrace.host.metrics.MetricRegistry;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.plugin.Registration;
import org.millrace.spi.transport.DatagramSettings;
import org.millrace.spi.transport.Listener;
import org.millrace.spi.transport.ListenerSettings;
import org.millrace.spi.transport.StreamProtocol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every listener of the host. Safe for use by any thread but an event loop: opening waits until bound. */
public final class Listeners {
    private static final Logger log = LoggerFactory.getLogger(Listeners.class);
    private static final int BACKLOG = 4096;
    /**
     * A connection counts as writable again below the first, and not any more above the second number of bytes. It is what
     * each client that does not read may hold of the host's direct memory, beside what its protocol has under way.
     */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(16 << 10, 32 << 10);

    private final EventLoops loops;
    private final BindRule rule;
    private final MetricRegistry metrics;
    private final UnreadBytes unread;
    private final Map<String, String> names = new LinkedHashMap<>();
    private final Map<String, BoundListener> open = new LinkedHashMap<>();

    /**
     * Starts without listeners.
     *
     * @param loops the threads
     * @param rule where listeners may be opened
     * @param metrics counts connections
     * @param unread bounds what waits for the clients of all
     */
    public Listeners(EventLoops loops, BindRule rule, MetricRegistry metrics, UnreadBytes unread) {
        this.loops = loops;
        this.rule = rule;
        this.metrics = metrics;
        this.unread = unread;
        unread.watch(loops.group());
        var _ = metrics.gauge(
                "millrace_unread_bytes",
                "What waits for the clients of all connections; 0 while it is little.",
                Map.of(),
                unread::waiting);
        var _ = metrics.gauge("millrace_unread_limit_bytes", "How much may (limits.unread).", Map.of(), unread::limit);
        var _ = metrics.gauge(
                "millrace_unread_ended_connections",
                "Connections closed because too much waited and their clients read nothing.",
                Map.of(),
                unread::ended);
    }

    /**
     * What one plugin is given.
     *
     * @param pluginId the plugin
     * @return to be closed when the plugin has stopped
     */
    public PluginTransport plugin(String pluginId) {
        return new PluginTransport(pluginId, this, loops);
    }

    /**
     * The listeners that are open now.
     *
     * @return in the order they were opened
     */
    public List<Listener> open() {
        synchronized (names) {
            return new ArrayList<>(open.values());
        }
    }

    /**
     * The listeners that a plugin has open now.
     *
     * @param pluginId the plugin
     * @return in the order they were opened
     */
    public List<Listener> of(String pluginId) {
        synchronized (names) {
            return open.values().stream()
                    .filter(listener -> listener.pluginId().equals(pluginId))
                    .map(Listener.class::cast)
                    .toList();
        }
    }

    /**
     * Opens the port that all protocols share.
     *
     * @param settings its address, TLS and limits; the prefix of their keys is {@code shared}
     * @param plainBesideTls whether connections without TLS are taken although there is a certificate
     * @param port knows the protocols
     * @return to be closed to accept no more; its connections end with their protocols
     * @throws IOException if the address cannot be bound; the message names the address, the reason and the remedy
     */
    public Listener openShared(ListenerSettings settings, boolean plainBesideTls, SharedPort port) throws IOException {
        Supplier<SslContext> tls = settings.tls().isEnabled() ? port.negotiate(settings.tls()) : null;
        return listen(port.name(), port.name(), settings, port, tls, plainBesideTls);
    }

    BoundListener listen(String pluginId, String name, ListenerSettings settings, StreamProtocol protocol)
            throws IOException {
        Supplier<SslContext> tls = null;
        if (settings.tls().isEnabled()) {
            SslContext context = TlsContext.read(pluginId + ".tls", settings.tls(), protocol.alpn());
            tls = () -> context;
        }
        return listen(pluginId, name, settings, protocol, tls, false);
    }

    private BoundListener listen(
            String pluginId,
            String name,
            ListenerSettings settings,
            StreamProtocol protocol,
            @Nullable Supplier<SslContext> tls,
            boolean plainToo)
            throws IOException {
        InetSocketAddress address = rule.resolve(pluginId, settings);
        ChannelGroup connections = new DefaultChannelGroup(name, GlobalEventExecutor.INSTANCE, true);
        ConnectionCount count = new ConnectionCount(settings.maxConnections());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops.group())
                .channelFactory(loops.serverChannels())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .handler(new AcceptGuard(name, pluginId + ".max-connections", count, unread))
                .childHandler(new ConnectionInitializer(
                        name, protocol, connections, tls, plainToo, settings.handshakeTimeout()));
        loops.boundUnsent(bootstrap);
        BoundListener listener = open(
                pluginId,
                name,
                address,
                () -> bootstrap.bind(address),
                (channel, undo) -> new BoundListener(name, pluginId, channel, connections, count::open, () -> {
                    undo.run();
                    unread.remove(connections);
                }),
                () -> count.gauges(name, metrics));
        unread.add(connections);
        log.info(
                "Listener {} on {}{}",
                name,
                NetUtil.toSocketAddressString(listener.address()),
                tls == null ? "" : " with TLS");
        return listener;
    }

    BoundListener listenDatagrams(String pluginId, String name, DatagramSettings settings, ChannelHandler handler)
            throws IOException {
        InetSocketAddress address = rule.resolve(pluginId, settings);
        int largest = settings.maxDatagramSize().toIntSaturated();
        int unsent = settings.maxUnsent().toIntSaturated();
        DatagramCount count = new DatagramCount();
        Bootstrap bootstrap = new Bootstrap()
                .group(loops.group())
                .channelFactory(loops.datagramChannels())
                .option(ChannelOption.SO_REUSEADDR, false)
                // One byte more than is taken tells what was cut off from what fits.
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(largest + 1))
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(unsent / 2, unsent))
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new DatagramGuard(name, pluginId, largest, count), handler);
                    }
                });
        ChannelGroup none = new DefaultChannelGroup(name, GlobalEventExecutor.INSTANCE, true);
        BoundListener listener = open(
                pluginId,
                name,
                address,
                () -> bootstrap.bind(address),
                (channel, undo) -> new BoundListener(name, pluginId, channel, none, () -> 0, undo),
                () -> count.gauges(name, metrics));
        log.info("Listener {} on {} (UDP)", name, NetUtil.toSocketAddressString(listener.address()));
        return listener;
    }

    private BoundListener open(
            String pluginId,
            String name,
            InetSocketAddress address,
            Supplier<ChannelFuture> bind,
            Binding binding,
            Supplier<List<Registration>> figures)
            throws IOException {
        reserve(name, pluginId);
        ChannelFuture bound = bind.get().awaitUninterruptibly();
        if (!bound.isSuccess()) {
            release(name);
            throw BindFailure.explain(pluginId, address, bound.cause());
        }
        List<Registration> gauges = figures.get();
        BoundListener listener = binding.of(bound.channel(), () -> {
            release(name);
            gauges.forEach(Registration::close);
        });
        synchronized (names) {
            open.put(name, listener);
        }
        return listener;
    }

    private void reserve(String name, String pluginId) {
        synchronized (names) {
            String other = names.putIfAbsent(name, pluginId);
            if (other != null) {
                throw new ConfigurationException("listener '" + name + "' of plugin " + pluginId
                        + ": there is a listener of this name, opened by plugin " + other
                        + "; give each listener a name of its own");
            }
        }
    }

    private void release(String name) {
        synchronized (names) {
            names.remove(name);
            open.remove(name);
        }
    }

    @FunctionalInterface
    private interface Binding {
        BoundListener of(Channel channel, Runnable closed);
    }
}
