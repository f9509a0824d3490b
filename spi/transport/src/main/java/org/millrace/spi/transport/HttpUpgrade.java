package org.millrace.spi.transport;

import io.netty.channel.Channel;

/**
 * Changes a connection of the HTTP plugin's port to another protocol, for example WebSocket. The offering plugin
 * implements it; the HTTP plugin calls it on the connection's event loop.
 *
 * @since 0.1
 */
public interface HttpUpgrade {
    /**
     * The token of the {@code Upgrade} header this answers to (RFC 9110 section 7.8).
     *
     * @return in lower case, for example {@code websocket}
     */
    String token();

    /**
     * Whether clients may come without credentials where the host asks for some, because they can show them later, in
     * the protocol that is changed to. A request without {@code Authorization} is then handed over, with
     * {@link org.millrace.spi.identity.Identity#ANONYMOUS}, although the host would not let it in; the taker asks
     * {@link org.millrace.spi.identity.Authenticator} before it serves anything.
     *
     * @return false unless the taker does so
     * @since 0.1
     */
    default boolean authenticates() {
        return false;
    }

    /**
     * Takes over a connection. The HTTP plugin has removed its handlers and reads nothing more; bytes that came behind
     * the request follow as if just read. This handler now writes the answer (101, or a refusal) itself.
     *
     * @param request the request that asked for the upgrade
     * @param channel the connection; handlers are added at the end of its pipeline and see and write {@code ByteBuf}s
     */
    void upgrade(HttpRequest request, Channel channel);
}
