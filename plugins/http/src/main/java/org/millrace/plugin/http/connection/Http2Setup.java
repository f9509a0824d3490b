package org.millrace.plugin.http.connection;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Settings;
import org.millrace.plugin.http.HttpConfig;
import org.millrace.spi.identity.ConnectionInfo;

/** Sets Netty's codec up for a connection: what the client is told, and what of it is more than any client needs. */
final class Http2Setup extends AbstractHttp2ConnectionHandlerBuilder<Http2Session, Http2Setup> {
    private static final int QUEUED_CONTROL_FRAMES = 1000;
    private static final int RESET_SECONDS = 30;

    private final HttpServer server;
    private final Channel channel;
    private final ConnectionInfo via;

    Http2Setup(HttpServer server, Channel channel, ConnectionInfo via) {
        this.server = server;
        this.channel = channel;
        this.via = via;
        HttpConfig config = server.config();
        server(true);
        validateHeaders(true);
        validateRequiredPseudoHeaders(true);
        encoderEnforceMaxQueuedControlFrames(QUEUED_CONTROL_FRAMES);
        decoderEnforceMaxConsecutiveEmptyDataFrames(2);
        decoderEnforceMaxRstFramesPerWindow(config.maxResets(), RESET_SECONDS);
        encoderEnforceMaxRstFramesPerWindow(config.maxResets(), RESET_SECONDS);
        gracefulShutdownTimeoutMillis(config.drainTimeout().toMillis());
        initialSettings(Http2Settings.defaultSettings()
                .maxConcurrentStreams(config.maxStreams())
                .initialWindowSize(Http2Session.STREAM_WINDOW)
                .headerTableSize(Http2Session.HEADER_TABLE)
                .maxHeaderListSize(
                        config.maxHeaderSize().bytes() + config.maxRequestLine().bytes()));
    }

    @Override
    protected Http2Session build() {
        return super.build();
    }

    @Override
    protected Http2Session build(
            Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
        Http2Session session = new Http2Session(server, channel, via, decoder, encoder, settings);
        Http2Frames frames = new Http2Frames(session);
        frameListener(frames);
        decoder.connection().addListener(frames);
        encoder.flowController().listener(session.requests()::streamWritable);
        return session;
    }
}
