package org.millrace.plugin.http.exchange;

import java.nio.ByteBuffer;

/**
 * Takes a request's body as it comes, for bodies that may be larger than memory. Told on the connection's event loop only.
 * While {@link #takesMore} is false the client is not read beyond what has come; {@link Exchange#readOn} ends the pause.
 */
public interface BodyReader {
    /**
     * Whether there is room for more.
     *
     * @return false to let the client wait
     */
    boolean takesMore();

    /**
     * A part has come.
     *
     * @param part valid during the call only
     */
    void data(ByteBuffer part);

    /** The body has come as a whole. */
    void end();

    /**
     * The rest of the body will not come. If the client is still there, the request is to be answered with this failure.
     *
     * @param failure why
     */
    void brokeOff(Throwable failure);
}
