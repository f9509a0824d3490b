package org.millrace.plugin.http.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Settings;
import org.millrace.plugin.http.wire.RequestDecoder;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.transport.HttpRequest;
import org.millrace.spi.transport.HttpUpgrade;

/**
 * Gives a connection that began with HTTP/1.1 to another protocol. The session's handler goes first and the decoder last,
 * so that bytes it holds reach the new handlers. Used on the connection's event loop, once.
 */
record Http1HandOver(
        HttpServer server, Channel channel, ConnectionInfo via, ChannelHandler session, RequestDecoder decoder) {
    /** The client speaks HTTP/2 without asking (RFC 9113 section 3.3). */
    void toHttp2() {
        replaceSession(Http2Session.of(server, channel, via));
        channel.pipeline().remove(decoder);
    }

    /** The client has asked for HTTP/2; its request is answered on stream 1. */
    void toHttp2(Http1Exchange exchange, Http2Settings settings) {
        channel.write(Http2Upgrade.answer(channel.alloc()), channel.voidPromise());
        Http2Session next = Http2Session.of(server, channel, via);
        replaceSession(next);
        try {
            next.continueWith(settings, exchange);
        } catch (Http2Exception e) {
            server.complaints().brokeOff(via.remote(), e.error().name(), RequestHead.shown(e.getMessage()));
            channel.close();
        }
        channel.pipeline().remove(decoder);
    }

    private void replaceSession(Http2Session next) {
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
        channel.pipeline().addLast(next);
        channel.pipeline().remove(session);
    }

    /** Another plugin takes over. */
    void toPlugin(HttpUpgrade taker, HttpRequest request) {
        channel.flush();
        channel.pipeline().remove(session);
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
        channel.config().setAutoRead(true);
        taker.upgrade(request, channel);
        channel.pipeline().remove(decoder);
    }
}
