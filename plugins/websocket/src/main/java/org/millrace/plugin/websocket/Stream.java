package org.millrace.plugin.websocket;

/** What a client of the multiplexed protocol follows: a subscription, or a query's rows. Used on the event loop. */
interface Stream {
    /** Asks the host for more, if the client and its socket take more. */
    void flow();

    /** The client asks for more. */
    void request(long n);

    /** Ends it; nothing follows. */
    void close();
}
