package org.millrace.testkit;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.plugin.ConfigurationException;
import org.millrace.spi.transport.DatagramSettings;
import org.millrace.spi.transport.Listener;
import org.millrace.spi.transport.ListenerSettings;
import org.millrace.spi.transport.StreamProtocol;
import org.millrace.spi.transport.Transport;

/** Listens on loopback and on a free port, whatever the settings say; without TLS. */
final class LoopbackTransport implements Transport, AutoCloseable {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final ConcurrentMap<String, Bound> listeners = new ConcurrentHashMap<>();

    @Override
    public Listener listen(String name, ListenerSettings settings, StreamProtocol protocol) throws IOException {
        if (settings.tls().isEnabled()) {
            throw new ConfigurationException("the test host offers no TLS");
        }
        ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        return bind(
                name,
                open,
                new ServerBootstrap()
                        .group(loops)
                        .channel(NioServerSocketChannel.class)
                        .childHandler(new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                if (open.size() >= settings.maxConnections()) {
                                    channel.close();
                                    return;
                                }
                                open.add(channel);
                                String remote =
                                        String.valueOf(channel.remoteAddress()).substring(1);
                                protocol.initialize(channel, new ConnectionInfo(protocol.name(), remote, false, ""));
                            }
                        })
                        .bind(loopback()));
    }

    @Override
    public Listener listenDatagrams(String name, ListenerSettings settings, ChannelHandler handler) throws IOException {
        return listenDatagrams(name, DatagramSettings.of(name, settings), handler);
    }

    @Override
    public Listener listenDatagrams(String name, DatagramSettings settings, ChannelHandler handler) throws IOException {
        int largest = settings.maxDatagramSize().toIntSaturated();
        int unsent = settings.maxUnsent().toIntSaturated();
        return bind(
                name,
                new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true),
                new Bootstrap()
                        .group(loops)
                        .channel(NioDatagramChannel.class)
                        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(largest + 1))
                        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(unsent / 2, unsent))
                        .handler(new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                channel.pipeline().addLast(new DatagramLimits(largest), handler);
                            }
                        })
                        .bind(loopback()));
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private Listener bind(String name, ChannelGroup open, ChannelFuture binding) throws IOException {
        binding.awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new IOException("cannot bind a loopback port for " + name, binding.cause());
        }
        Bound bound = new Bound(name, binding.channel(), open);
        Bound there = listeners.merge(name, bound, (old, fresh) -> old.channel.isOpen() ? old : fresh);
        if (there != bound) {
            bound.close();
            throw new ConfigurationException("there is a listener named " + name + " already");
        }
        return bound;
    }

    @Override
    public EventLoopGroup eventLoops() {
        return loops;
    }

    Listener listener(String name) {
        Bound found = listeners.get(name);
        if (found == null) {
            throw new IllegalArgumentException("no listener " + name + "; there are " + listeners.keySet());
        }
        return found;
    }

    /** Gives a listener up with its name; its connections stay. */
    void abandon(String name) {
        Bound found = listeners.remove(name);
        if (found != null) {
            found.close();
        }
    }

    /** Closes listeners and connections; the loops go on. */
    void closeChannels() {
        listeners.values().forEach(b -> {
            b.close();
            b.open.close().awaitUninterruptibly();
        });
        listeners.clear();
    }

    @Override
    public void close() {
        closeChannels();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private record Bound(String name, Channel channel, ChannelGroup open) implements Listener {
        @Override
        public InetSocketAddress address() {
            return (InetSocketAddress) channel.localAddress();
        }

        @Override
        public int connections() {
            return open.size();
        }

        @Override
        public boolean takesDatagrams() {
            return channel instanceof DatagramChannel;
        }

        @Override
        public void close() {
            channel.close().awaitUninterruptibly();
        }
    }
}
