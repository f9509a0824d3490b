package org.millrace.plugin.amqp.connection;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.AmqpConfig;
import org.millrace.plugin.amqp.link.LinkHandler;
import org.millrace.plugin.amqp.link.LinkHost;
import org.millrace.plugin.amqp.mapping.MessageMapping;
import org.millrace.plugin.amqp.transaction.Transactions;
import org.millrace.spi.resource.Resources;

/** What the links of a connection see of it. Used by its event loop. */
final class ConnectionView implements LinkHost {
    private static final int DECODE_DEPTH = 64;
    /** Elements of an array that take no bytes; more are refused rather than made (section 1.6.2 and others). */
    private static final int ZERO_WIDTH_ELEMENTS = 1024;

    private final AmqpServer server;
    private final Channel channel;
    private final EngineIo io;
    private final DecoderImpl decoder = new DecoderImpl();
    private final Transactions transactions;
    private final Set<LinkHandler> blocked = new LinkedHashSet<>();
    private @Nullable Resources resources;
    private long pendingBytes;

    ConnectionView(AmqpServer server, Channel channel, EngineIo io) {
        this.server = server;
        this.channel = channel;
        this.io = io;
        transactions = new Transactions(server.config);
        AMQPDefinedTypes.registerAllTypes(decoder, new EncoderImpl(decoder));
        decoder.setMaxDecodeDepth(DECODE_DEPTH);
        decoder.setZeroWidthArrayElementLimit(ZERO_WIDTH_ELEMENTS);
    }

    /** The client is known: links may be made. */
    void opened(Resources view) {
        resources = view;
    }

    /** The connection is over. */
    void close() {
        if (resources != null) {
            resources.close();
        }
    }

    /** Goes on with the links that had more than the engine or the socket took. */
    void unblock() {
        if (blocked.isEmpty() || !channel.isWritable()) {
            return;
        }
        List<LinkHandler> waiting = List.copyOf(blocked);
        blocked.clear();
        for (LinkHandler link : waiting) {
            link.flow();
        }
    }

    void forget(LinkHandler link) {
        blocked.remove(link);
    }

    @Override
    public void blocked(LinkHandler link) {
        blocked.add(link);
    }

    @Override
    public Resources resources() {
        if (resources == null) {
            throw new IllegalStateException("not open yet");
        }
        return resources;
    }

    @Override
    public EventLoop eventLoop() {
        return channel.eventLoop();
    }

    @Override
    public AmqpConfig config() {
        return server.config;
    }

    @Override
    public MessageMapping mapping() {
        return server.mapping;
    }

    @Override
    public DecoderImpl decoder() {
        return decoder;
    }

    @Override
    public Clock clock() {
        return server.context.clock();
    }

    @Override
    public int messageLimit() {
        return server.messageLimit;
    }

    @Override
    public Transactions transactions() {
        return transactions;
    }

    @Override
    public void wake() {
        io.wake();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void pending(long bytes) {
        long bound = server.config.maxPending().bytes();
        boolean before = pendingBytes > bound;
        pendingBytes += bytes;
        boolean after = pendingBytes > bound;
        if (before != after) {
            channel.config().setAutoRead(!after);
        }
    }

    @Override
    public void received() {
        server.messagesReceived.increment();
    }

    @Override
    public void sent() {
        server.messagesSent.increment();
    }

    @Override
    public void refused() {
        server.messagesRefused.increment();
    }
}
