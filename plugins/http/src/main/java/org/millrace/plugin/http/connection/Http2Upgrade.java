package org.millrace.plugin.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.SslHandler;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The change from HTTP/1.1 to HTTP/2 in the clear, {@code Upgrade: h2c} (RFC 7540 section 3.2). RFC 9113 has given it
 * up, but curl and Java's client still ask that way. A request with a body is answered in HTTP/1.1 instead, as is one
 * whose settings cannot be read: a server may ignore the wish.
 */
final class Http2Upgrade {
    private static final String SETTINGS = "http2-settings";
    private static final int SETTING_BYTES = 6;

    private Http2Upgrade() {}

    /** What a client that asks for HTTP/2 says of itself; empty if it does not ask, or not rightly. */
    static Optional<Http2Settings> settings(HttpHeaders headers, Channel channel) {
        if (!headers.containsValue(HttpHeaderNames.UPGRADE, "h2c", true)) {
            return Optional.empty();
        }
        List<String> sent = headers.getAll(SETTINGS);
        boolean asked = headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderNames.UPGRADE, true)
                && headers.containsValue(HttpHeaderNames.CONNECTION, SETTINGS, true);
        return asked && sent.size() == 1 && channel.pipeline().get(SslHandler.class) == null
                ? read(sent.getFirst())
                : Optional.empty();
    }

    private static Optional<Http2Settings> read(String base64) {
        try {
            ByteBuf payload = Unpooled.wrappedBuffer(Base64.getUrlDecoder().decode(base64));
            if (payload.readableBytes() % SETTING_BYTES != 0) {
                return Optional.empty();
            }
            Http2Settings settings = new Http2Settings();
            while (payload.isReadable()) {
                char id = (char) payload.readUnsignedShort();
                long value = payload.readUnsignedInt();
                if (id >= Http2CodecUtil.SETTINGS_HEADER_TABLE_SIZE
                        && id <= Http2CodecUtil.SETTINGS_MAX_HEADER_LIST_SIZE) {
                    settings.put(id, (Long) value);
                }
            }
            return Optional.of(settings);
        } catch (IllegalArgumentException e) {
            // Neither base64 nor a legal setting: the client is answered in HTTP/1.1.
            return Optional.empty();
        }
    }

    /** The last answer of HTTP/1.1. */
    static ByteBuf answer(ByteBufAllocator allocator) {
        ByteBuf out = allocator.ioBuffer(96);
        ByteBufUtil.writeAscii(out, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
        return out;
    }
}
