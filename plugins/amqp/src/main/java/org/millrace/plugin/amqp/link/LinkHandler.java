package org.millrace.plugin.amqp.link;

import org.apache.qpid.proton.engine.Delivery;

/** What acts on the events of one link. Used by the connection's event loop. */
public interface LinkHandler {
    /** The peer's flow state changed, or the connection can take more again. */
    void flow();

    /**
     * A delivery has news.
     *
     * @param delivery of this link
     */
    void delivery(Delivery delivery);

    /**
     * The link is over at the peer's side, or with its connection.
     *
     * @param forGood whether the peer closed it, rather than detached or vanished
     */
    void ended(boolean forGood);
}
