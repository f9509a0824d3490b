package org.millrace.plugin.amqp.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.engine.Collector;
import org.apache.qpid.proton.engine.Connection;
import org.apache.qpid.proton.engine.EndpointState;
import org.apache.qpid.proton.engine.Event;
import org.apache.qpid.proton.engine.Link;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.amqp.AmqpConfig;
import org.millrace.plugin.amqp.link.LinkHandler;
import org.millrace.plugin.amqp.mapping.Conditions;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ResourceException;

/**
 * One client's connection: has it authenticated, then acts on what the engine reports until either side ends. Used by the
 * connection's event loop, except where a method says otherwise.
 */
public final class AmqpConnection extends ChannelInboundHandlerAdapter {
    private final AmqpServer server;
    private final Channel channel;
    private final Engine transport;
    private final Connection connection = Connection.Factory.create();
    private final Collector collector = Collector.Factory.create();
    private final EngineIo io;
    private final SaslNegotiation sasl;
    private final ConnectionView view;
    private final OpenDeadline openDeadline = new OpenDeadline(this::log);
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private ConnectionInfo via;
    private @Nullable Identity identity;
    private @Nullable Sessions sessions;
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
        transport = new Engine(config);
        io = new EngineIo(transport, channel, this::unblock);
        view = new ConnectionView(server, channel, io);
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
        openDeadline.start(ctx, server.config.openTimeout());
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
            view.unblock();
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
            logDefect("closed the amqp connection of " + who() + " after an internal error; please report it", cause);
        }
        ctx.close();
    }

    private void release() {
        if (ended) {
            return;
        }
        ended = true;
        openDeadline.cancel();
        view.transactions().rollBackAll();
        if (sessions != null) {
            sessions.releaseAll();
        }
        view.close();
        server.closed(this);
        gone.complete(null);
    }

    private void unblock() {
        view.unblock();
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
                        channel.eventLoop());
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
            if (sessions != null) {
                for (Engine.Failure failure : transport.failures()) {
                    log(failure.condition().getCondition() + ": "
                            + failure.condition().getDescription());
                    sessions.fail(failure.channel(), failure.condition());
                }
            }
            transport.answerEchoes();
        } catch (RuntimeException e) {
            logDefect("internal error on the amqp connection of " + who() + "; please report it", e);
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
                int number = transport.nextBegun();
                if (sessions != null) {
                    sessions.begin(event.getSession(), number);
                }
            }
            case SESSION_REMOTE_CLOSE -> {
                if (sessions != null) {
                    sessions.end(event.getSession());
                }
            }
            case LINK_REMOTE_OPEN -> {
                Unsettled unsettled = transport.nextAttached();
                if (sessions != null && !isFailed()) {
                    sessions.attach(event.getLink(), unsettled);
                }
            }
            case LINK_REMOTE_CLOSE -> detach(event.getLink(), true);
            case LINK_REMOTE_DETACH -> detach(event.getLink(), false);
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
        openDeadline.cancel();
        String container = connection.getRemoteContainer();
        via = via.withClientId(container == null ? "" : container);
        view.opened(server.context.resources(who, via, channel.eventLoop()));
        sessions = new Sessions(server, view, via);
        connection.setContainer("millrace");
        connection.setOfferedCapabilities(Attachment.CAPABILITIES);
        connection.setProperties(Attachment.PROPERTIES);
        connection.open();
        io.tick();
    }

    private void detach(Link link, boolean forGood) {
        if (sessions != null) {
            sessions.detach(link, forGood);
        }
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
        channel.eventLoop().execute(() -> {
            if (connection.getRemoteState() == EndpointState.ACTIVE) {
                fail(Redirect.orForced(server.config, "the server is shutting down"));
                io.flush();
            }
            io.close();
        });
        return gone;
    }

    private void log(@Nullable String what) {
        server.context.log().log(Level.WARNING, () -> "amqp client " + who() + ": " + what);
    }

    private void logDefect(String what, Throwable cause) {
        server.context.log().log(Level.ERROR, what, cause);
    }

    private String who() {
        return via.clientId().isEmpty() ? via.remote() : "'" + via.clientId() + "' at " + via.remote();
    }
}
