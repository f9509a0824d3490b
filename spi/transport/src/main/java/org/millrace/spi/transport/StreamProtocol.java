package org.millrace.spi.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.Set;
import org.millrace.spi.identity.ConnectionInfo;

/**
 * A protocol over a stream of bytes: over TCP, TLS, or inside WebSocket frames. The plugin implements it; the host and
 * other plugins use it from several event loops.
 *
 * @since 0.1
 */
public interface StreamProtocol {
    /**
     * The protocol's name in the log.
     *
     * @return for example {@code mqtt}
     */
    String name();

    /**
     * Takes over a connection, on its event loop, before anything was read from it; with TLS, once the handshake is
     * done. The plugin adds its handlers at the end of the pipeline; they see the channel become active, and see and
     * write {@link ByteBuf}s. {@link ConnectionInfo#secure()} is true and the peer's certificate and the negotiated
     * protocol are in the pipeline's {@code SslHandler} where there is TLS.
     *
     * @param channel the connection
     * @param via where it comes from; its protocol is this one's name
     */
    void initialize(Channel channel, ConnectionInfo via);

    /**
     * Looks at a connection's first bytes, for ports that several protocols share.
     *
     * @param head what was read so far, at least one byte; its reader index must be left alone
     * @return whether they are this protocol's
     */
    default Recognition recognize(ByteBuf head) {
        return Recognition.NO;
    }

    /**
     * Tells a client of this protocol what is wrong that came without TLS to a listener that speaks TLS only. The host
     * sends it, logs the client, and closes the connection. Called on the connection's event loop, once
     * {@link #recognize} has answered {@link Recognition#YES}.
     *
     * @param head what was read so far; its reader index must be left alone
     * @return what to send, in this protocol's terms; empty to close without a word
     * @since 0.1
     */
    default byte[] refuseWithoutTls(ByteBuf head) {
        return new byte[0];
    }

    /**
     * The WebSocket subprotocols (RFC 6455 section 1.9) under which this protocol can be carried.
     *
     * @return for example {@code mqtt}; empty for none
     */
    default Set<String> webSocketSubprotocols() {
        return Set.of();
    }

    /**
     * The names under which TLS can negotiate this protocol (RFC 7301), in the order of preference: that of the set's
     * iterator.
     *
     * @return empty for none
     */
    default Set<String> alpn() {
        return Set.of();
    }

    /** Whether first bytes belong to a protocol. */
    enum Recognition {
        /** They do. */
        YES,
        /** They do not. */
        NO,
        /** More bytes are needed to tell. */
        MORE
    }
}
