package org.millrace.plugin.http.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.millrace.plugin.http.HttpConfig;
import org.millrace.plugin.http.exchange.BodyMemory;
import org.millrace.plugin.http.negotiation.RequestContent;
import org.millrace.plugin.http.resource.Dispatcher;
import org.millrace.plugin.http.wire.Head;
import org.millrace.plugin.http.wire.RequestDecoder;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.plugin.Metrics;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.ResourceException;

/** What all connections share, and the set of them. Safe for use by any thread. */
public final class HttpServer {
    private final PluginContext context;
    private final HttpConfig config;
    private final Routes routes;
    private final Dispatcher dispatcher;
    private final Origins origins;
    private final BodyMemory bodies;
    private final Head.Dates dates;
    private final ComplaintLog complaints;
    private final Metrics.Counter requests;
    private final Metrics.Counter refusals;
    private final HttpDecoderConfig limits;
    private final Set<ServedConnection> sessions = ConcurrentHashMap.newKeySet();
    private volatile boolean draining;

    /**
     * Makes a server without connections.
     *
     * @param context the host
     * @param config the settings
     * @param routes what other plugins offer
     */
    public HttpServer(PluginContext context, HttpConfig config, Routes routes) {
        this.context = context;
        this.config = config;
        this.routes = routes;
        this.dispatcher = new Dispatcher(
                new RequestContent(context.contents(), config.content()),
                context.contents(),
                config.maxBulk().toIntSaturated(),
                config.maxBulkItems(),
                config.files(),
                context.executor());
        this.complaints = new ComplaintLog(context.log());
        this.bodies = new BodyMemory(config.maxBodies().bytes(), complaints::noRoomForBodies);
        this.origins = new Origins(config.origins());
        this.dates = new Head.Dates(context.clock());
        this.requests = context.metrics().counter("requests", "Requests received");
        this.refusals = context.metrics().counter("refusals", "Requests answered with a status of 400 or more");
        this.limits = new HttpDecoderConfig()
                .setMaxInitialLineLength(config.maxRequestLine().toIntSaturated())
                .setMaxHeaderSize(config.maxHeaderSize().toIntSaturated())
                .setMaxChunkSize(64 * 1024)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true);
    }

    /**
     * Serves a connection. Called on its event loop, before anything was read from it.
     *
     * @param channel the connection
     * @param via where it comes from
     */
    public void serve(Channel channel, ConnectionInfo via) {
        channel.config().setAutoRead(false);
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls != null && ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol())) {
            channel.pipeline().addLast(Http2Session.of(this, channel, via));
            return;
        }
        // A client that has said all it wants to say still gets its answers.
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        Http1Session session = new Http1Session(this, channel, via, new Head(dates));
        RequestDecoder decoder = new RequestDecoder(limits, session.intake()::takesMore, session::toHttp2);
        session.decodeWith(decoder);
        channel.pipeline().addLast(decoder, session);
    }

    /**
     * Ends all connections: those at rest at once, the others after the answers to the requests under way. Waits for
     * that, so not to be called on an event loop.
     *
     * @param limit how long to wait at most; what is open then is left to the host
     * @throws InterruptedException if interrupted while waiting
     */
    public void drain(Duration limit) throws InterruptedException {
        draining = true;
        sessions.forEach(ServedConnection::drain);
        long end = System.nanoTime() + limit.toNanos();
        synchronized (sessions) {
            for (long left = limit.toNanos(); !sessions.isEmpty() && left > 0; left = end - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(sessions, Math.max(left, 1_000_000));
            }
        }
    }

    /**
     * How many connections there are.
     *
     * @return at least 0
     */
    public int connections() {
        return sessions.size();
    }

    /**
     * What the bodies of all requests take.
     *
     * @return shared by all connections
     */
    public BodyMemory bodies() {
        return bodies;
    }

    void opened(ServedConnection session) {
        sessions.add(session);
        if (draining) {
            session.drain();
        }
    }

    void closed(ServedConnection session) {
        sessions.remove(session);
        if (draining) {
            synchronized (sessions) {
                sessions.notifyAll();
            }
        }
    }

    void logDefect(ConnectionInfo via, String what, Throwable failure) {
        Throwable cause =
                failure instanceof ResourceException && failure.getCause() != null ? failure.getCause() : failure;
        context.log().log(Level.ERROR, via.remote() + ": " + what + " failed by a defect; please report it", cause);
    }

    boolean isDraining() {
        return draining;
    }

    PluginContext context() {
        return context;
    }

    HttpConfig config() {
        return config;
    }

    Routes routes() {
        return routes;
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    Origins origins() {
        return origins;
    }

    Head.Dates dates() {
        return dates;
    }

    ComplaintLog complaints() {
        return complaints;
    }

    Metrics.Counter requests() {
        return requests;
    }

    Metrics.Counter refusals() {
        return refusals;
    }
}
