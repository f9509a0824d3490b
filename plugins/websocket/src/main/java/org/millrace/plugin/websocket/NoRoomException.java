package org.millrace.plugin.websocket;

import io.netty.handler.codec.DecoderException;

/** There is no memory for more of a message; see {@link MessageMemory}. */
final class NoRoomException extends DecoderException {
    private static final long serialVersionUID = 1L;

    NoRoomException() {
        super("no memory for more unfinished messages (websocket.max-messages); try again later");
    }

    /** Nothing is wrong with the code that throws it, and a host without room has better things to do. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
