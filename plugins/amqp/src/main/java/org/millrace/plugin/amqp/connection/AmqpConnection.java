package org.millrace.plugin.amqp.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.ConnectionError;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.apache.qpid.proton.engine.Collector;
import org.apache.qpid.proton.engine.Connection;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Event;
import org.apache.qpid.proton.engine.Link;
import org.apache.qpid.proton.engine.Session;
import org.apache.qpid.proton.engine.Transport;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.AmqpConfig;
import org.millrace.plugin.amqp.link.LinkHandler;
import org.millrace.plugin.amqp.link.LinkHost;
import org.millrace.plugin.amqp.mapping.Conditions;
import org.millrace.plugin.amqp.mapping.MessageMapping;
import org.millrace.plugin.amqp.transaction.Transactions;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Resources;

/**
 * One client's connection: has it authenticated, then acts on what the engine reports until either side ends. Used by the
 * connection's event loop, except where a method says otherwise.
 */
public final class AmqpConnection extends ChannelInboundHandlerAdapter implements LinkHost {
    private static final int DECODE_DEPTH = 64;
    /** So that long tokens fit into SASL frames; without it the engine allows 512 bytes. */
    private static final int SASL_FRAME = 64 << 10;

    private final AmqpServer server;
    private final Channel channel;
    private final Transport transport = Transport.Factory.create();
    private final Connection connection = Connection.Factory.create();
    private final Collector collector = Collector.Factory.create();
    private final DecoderImpl decoder = new DecoderImpl();
    private final EngineIo io;
    private final SaslNegotiation sasl;
    private final Transactions transactions;
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private ConnectionInfo via;
    private @Nullable Identity identity;
    private @Nullable Resources resources;
    private @Nullable Attachment attachment;
    private @Nullable Future<?> openTimer;
    private long pendingBytes;
    private int links;
    private final Set<LinkHandler> blocked = new LinkedHashSet<>();
    private boolean dispatching;
    private boolean identifying;
    private boolean ended;

    /**
     * Makes a connection's handler.
     *
     * @param server what connections share
     * @param channel the connection
     * @param via where the client comes from
     */
    public AmqpConnection(AmqpServer server, Channel channel, ConnectionInfo via) {
        this.server = server;
        this.channel = channel;
        this.via = via.withProtocol("amqp/1.0");
        AmqpConfig config = server.config;
        AMQPDefinedTypes.registerAllTypes(decoder, new EncoderImpl(decoder));
        decoder.setMaxDecodeDepth(DECODE_DEPTH);
        transactions = new Transactions(config);
        io = new EngineIo(transport, channel, this::unblock);
        transport.setMaxFrameSize(config.maxFrameSize().toIntSaturated());
        transport.setOutboundFrameSizeLimit(config.maxFrameSize().toIntSaturated());
        transport.setInitialRemoteMaxFrameSize(SASL_FRAME);
        transport.setChannelMax(config.maxSessions() - 1);
        transport.setEmitFlowEventOnSend(false);
        transport.setIdleTimeout((int) Math.min(config.idleTimeout().toMillis(), Integer.MAX_VALUE));
        sasl = new SaslNegotiation(
                transport,
                server.context.authenticator(),
                channel,
                this.via,
                config.plainWithoutTls(),
                this::authenticated);
        connection.collect(collector);
        transport.bind(connection);
    }

    // The channel's side.

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        io.attach(ctx);
        long millis = server.config.openTimeout().toMillis();
        openTimer = ctx.executor()
                .schedule(
                        () -> {
                            log("sent no open in " + millis + " ms (amqp.open-timeout)");
                            ctx.close();
                        },
                        millis,
                        TimeUnit.MILLISECONDS);
        server.opened(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object object) {
        try {
            if (object instanceof ByteBuf bytes && !ended) {
                io.read(bytes);
                dispatch();
            }
        } catch (RuntimeException e) { // what the engine makes of some frames that are none
            server.protocolErrors.increment();
            ErrorCondition condition =
                    new ErrorCondition(AmqpError.DECODE_ERROR, "a frame cannot be decoded: " + e.getMessage());
            fail(condition);
            io.farewell(condition);
        } finally {
            ReferenceCountUtil.release(object);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        io.readComplete();
        dispatch();
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            io.flush();
            unblock();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!ended && connection.getRemoteState() == EndpointState.ACTIVE) {
            server.context.log().log(Level.DEBUG, "amqp client {0} left without closing", who());
        }
        release();
        io.inactive();
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException) && !ended) {
            server.context
                    .log()
                    .log(
                            Level.ERROR,
                            "closed the amqp connection of " + who() + " after an internal error; please report it",
                            cause);
        }
        ctx.close();
    }

    private void release() {
        if (ended) {
            return;
        }
        ended = true;
        cancelOpenTimer();
        transactions.rollBackAll();
        for (Link link : links()) {
            if (link.getContext() instanceof LinkHandler handler) {
                handler.ended(false);
            }
        }
        if (resources != null) {
            resources.close();
        }
        server.closed(this);
        gone.complete(null);
    }

    private List<Link> links() {
        List<Link> all = new ArrayList<>();
        EnumSet<EndpointState> any = EnumSet.allOf(EndpointState.class);
        for (Link link = connection.linkHead(any, any); link != null; link = link.next(any, any)) {
            all.add(link);
        }
        return all;
    }

    private void unblock() {
        if (blocked.isEmpty() || !channel.isWritable()) {
            return;
        }
        List<LinkHandler> waiting = List.copyOf(blocked);
        blocked.clear();
        for (LinkHandler link : waiting) {
            link.flow();
        }
    }

    @Override
    public void blocked(LinkHandler link) {
        blocked.add(link);
    }

    private void cancelOpenTimer() {
        if (openTimer != null) {
            openTimer.cancel(false);
            openTimer = null;
        }
    }

    // Who it is.

    private void authenticated(@Nullable Identity who, @Nullable ResourceException refusal) {
        if (ended) {
            return;
        }
        if (who != null) {
            identity = who;
        } else if (refusal != null) {
            log(String.valueOf(refusal.getMessage()));
            io.flush();
            io.close();
            return;
        }
        io.wake();
    }

    /** A client that left SASL away shows nothing, or its certificate. */
    private void identify() {
        identifying = true;
        channel.config().setAutoRead(false);
        server.context
                .authenticator()
                .authenticate(ClientCertificate.of(channel), via)
                .whenCompleteAsync(
                        (who, failure) -> {
                            identifying = false;
                            channel.config().setAutoRead(true);
                            if (who == null) {
                                ResourceException reason = ResourceException.from(
                                        failure == null
                                                ? new IllegalStateException("the authenticator gave no identity")
                                                : failure);
                                connection.setContainer("millrace");
                                connection.open();
                                fail(Conditions.of(reason));
                            } else {
                                identity = who;
                            }
                            dispatch();
                        },
                        eventLoop());
    }

    // The engine's side.

    private void dispatch() {
        if (dispatching || ended) {
            return;
        }
        dispatching = true;
        try {
            for (Event event = collector.peek(); event != null && !identifying; event = collector.peek()) {
                if (event.getType() == Event.Type.CONNECTION_REMOTE_OPEN && identity == null && !isFailed()) {
                    identify();
                    break;
                }
                try {
                    handle(event);
                } catch (ResourceException e) {
                    fail(Conditions.of(e));
                } finally {
                    collector.pop();
                }
            }
        } catch (RuntimeException e) {
            server.context
                    .log()
                    .log(Level.ERROR, "internal error on the amqp connection of " + who() + "; please report it", e);
            fail(new ErrorCondition(AmqpError.INTERNAL_ERROR, "internal error; the server's log has the cause"));
        } finally {
            dispatching = false;
        }
        io.wake();
    }

    private boolean isFailed() {
        return connection.getLocalState() == EndpointState.CLOSED;
    }

    private void handle(Event event) {
        switch (event.getType()) {
            case CONNECTION_REMOTE_OPEN -> open();
            case CONNECTION_REMOTE_CLOSE -> {
                connection.close();
                release();
                io.wake();
            }
            case SESSION_REMOTE_OPEN -> {
                Session session = event.getSession();
                session.setIncomingCapacity(server.config.sessionWindow().toIntSaturated());
                session.open();
            }
            case SESSION_REMOTE_CLOSE -> {
                Session session = event.getSession();
                for (Link link : links()) {
                    if (link.getSession() == session) {
                        end(link, false);
                    }
                }
                session.close();
                session.free();
            }
            case LINK_REMOTE_OPEN -> attach(event.getLink());
            case LINK_REMOTE_CLOSE -> end(event.getLink(), true);
            case LINK_REMOTE_DETACH -> end(event.getLink(), false);
            case LINK_FLOW -> {
                if (event.getLink().getContext() instanceof LinkHandler handler) {
                    handler.flow();
                }
            }
            case DELIVERY -> {
                if (event.getLink().getContext() instanceof LinkHandler handler) {
                    handler.delivery(event.getDelivery());
                }
            }
            case TRANSPORT_ERROR -> {
                server.protocolErrors.increment();
                ErrorCondition condition = transport.getCondition();
                log(condition == null ? "broke the protocol" : condition.getDescription());
            }
            case TRANSPORT_CLOSED, TRANSPORT_HEAD_CLOSED -> io.wake();
            default -> {
                // The engine's own house-keeping, and echoes of what was done here.
            }
        }
    }

    private void open() {
        Identity who = identity;
        if (isFailed() || who == null) {
            return;
        }
        cancelOpenTimer();
        String container = connection.getRemoteContainer();
        via = via.withClientId(container == null ? "" : container);
        Resources view = server.context.resources(who, via, eventLoop());
        resources = view;
        attachment = new Attachment(server, this, via);
        connection.setContainer("millrace");
        connection.setOfferedCapabilities(Attachment.CAPABILITIES);
        connection.setProperties(Attachment.PROPERTIES);
        connection.open();
        io.tick();
    }

    private void attach(Link link) {
        Attachment attaching = attachment;
        if (attaching == null || isFailed()) {
            return;
        }
        links++;
        attaching.attach(link, links <= server.config.maxLinks());
    }

    private void end(Link link, boolean forGood) {
        if (link.getContext() instanceof LinkHandler handler) {
            link.setContext(null);
            blocked.remove(handler);
            handler.ended(forGood);
        }
        links--;
        if (link.getLocalState() != EndpointState.CLOSED) {
            if (forGood) {
                link.close();
            } else {
                link.detach();
            }
        }
        link.free();
    }

    private void fail(ErrorCondition condition) {
        if (!isFailed()) {
            log(condition.getCondition() + ": " + condition.getDescription());
            connection.setCondition(condition);
            connection.close();
            io.wake();
        }
    }

    /**
     * Ends the connection because the server stops. Any thread may call.
     *
     * @return completes when the connection is closed
     */
    CompletableFuture<Void> shutDown() {
        eventLoop().execute(() -> {
            if (connection.getRemoteState() == EndpointState.ACTIVE) {
                fail(new ErrorCondition(ConnectionError.CONNECTION_FORCED, "the server is shutting down"));
                io.flush();
            }
            io.close();
        });
        return gone;
    }

    private void log(@Nullable String what) {
        server.context.log().log(Level.WARNING, () -> "amqp client " + who() + ": " + what);
    }

    private String who() {
        return via.clientId().isEmpty() ? via.remote() : "'" + via.clientId() + "' at " + via.remote();
    }

    // What links need.

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
