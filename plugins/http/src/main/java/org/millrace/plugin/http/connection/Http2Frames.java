package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.Map;

/** Hands what the codec has understood to the session, and to its requests. */
final class Http2Frames extends Http2EventAdapter {
    private final Http2Session session;
    private final Http2Requests requests;

    Http2Frames(Http2Session session) {
        this.session = session;
        this.requests = session.requests();
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext context, int streamId, Http2Headers headers, int padding, boolean end)
            throws Http2Exception {
        Http2Exchange known = requests.of(streamId);
        if (known == null) {
            requests.begin(session.connection().stream(streamId), headers, end);
            return;
        }
        for (Map.Entry<CharSequence, CharSequence> field : headers) {
            if (Http2Headers.PseudoHeaderName.hasPseudoHeaderFormat(field.getKey())) {
                throw Http2Exception.streamError(
                        streamId, Http2Error.PROTOCOL_ERROR, "trailers have the pseudo field %s", field.getKey());
            }
        }
        if (end) {
            // Trailers; they say nothing a record could keep.
            requests.received(known);
        }
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext context,
            int streamId,
            Http2Headers headers,
            int dependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean end)
            throws Http2Exception {
        onHeadersRead(context, streamId, headers, padding, end);
    }

    @Override
    public int onDataRead(ChannelHandlerContext context, int streamId, ByteBuf data, int padding, boolean end) {
        Http2Exchange exchange = requests.of(streamId);
        if (exchange == null) {
            return data.readableBytes() + padding;
        }
        int granted = requests.receive(exchange, data, padding);
        if (end) {
            requests.received(exchange);
        }
        return granted;
    }

    @Override
    public void onPingRead(ChannelHandlerContext context, long data) throws Http2Exception {
        session.meter();
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings) throws Http2Exception {
        session.meter();
        session.capHeaderTable(settings);
    }

    @Override
    public void onPriorityRead(
            ChannelHandlerContext context, int streamId, int dependency, short weight, boolean exclusive)
            throws Http2Exception {
        session.meter();
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
        requests.streamClosed(stream);
    }
}
