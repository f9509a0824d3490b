package org.millrace.host.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The threads that serve connections: epoll where the platform has it, Java NIO elsewhere. Safe for use by any thread. */
public final class EventLoops implements AutoCloseable {
    private static final Duration LAST_TASKS = Duration.ofSeconds(2);
    /**
     * How much of what a client does not read the system takes for it. Otherwise it takes megabytes, and a thousand such
     * clients use up what it has for all connections, those of the others included. What is on its way counts apart, so
     * this slows nobody.
     */
    private static final long UNSENT = 64 << 10;

    private final boolean epoll;
    private final EventLoopGroup group;

    private EventLoops(int threads) {
        epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        group = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("millrace-io", true), io);
    }

    /**
     * Starts event loops.
     *
     * @param threads how many; 0 for one a processor
     * @return running loops
     */
    public static EventLoops open(int threads) {
        return new EventLoops(threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
    }

    /**
     * The loops as Netty knows them.
     *
     * @return the group
     */
    public EventLoopGroup group() {
        return group;
    }

    /**
     * What serves the sockets, for the log.
     *
     * @return {@code epoll} or {@code nio}
     */
    public String kind() {
        return epoll ? "epoll" : "nio";
    }

    ChannelFactory<? extends ServerSocketChannel> serverChannels() {
        return epoll ? EpollServerSocketChannel::new : NioServerSocketChannel::new;
    }

    /** Bounds what the system keeps for clients that do not read, where the platform can. */
    void boundUnsent(ServerBootstrap bootstrap) {
        if (epoll) {
            bootstrap.childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT);
        }
    }

    ChannelFactory<? extends DatagramChannel> datagramChannels() {
        return epoll ? EpollDatagramChannel::new : NioDatagramChannel::new;
    }

    /** Ends the loops and waits a moment for their last tasks. */
    @Override
    public void close() {
        group.shutdownGracefully(0, LAST_TASKS.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(LAST_TASKS.toMillis() + 1_000);
    }
}
