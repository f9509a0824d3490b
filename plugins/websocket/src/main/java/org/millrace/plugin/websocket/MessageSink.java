package org.millrace.plugin.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import org.jspecify.annotations.Nullable;
import org.millrace.plugin.websocket.envelope.Encoding;
import org.millrace.plugin.websocket.envelope.Fields;
import org.millrace.plugin.websocket.envelope.WireFormat;

/**
 * Writes one connection's messages. Small ones are put together in one buffer, frames and all, which is handed to the
 * socket at {@link #flush}; of large ones the shared part goes out as it is, without a copy. Used on the event loop.
 */
final class MessageSink {
    private static final int BATCH = 32 * 1024;
    private static final int LARGE = 8 * 1024;
    /** The longest head of a frame without a mask (RFC 6455 section 5.2). */
    private static final int HEAD = 10;

    static final Fields NOTHING = new Fields(0, new byte[0]);

    private final Channel channel;
    private final WireFormat format;
    private final Encoding encoding;
    private final boolean compressed;
    private @Nullable ByteBuf batch;
    private int usual;

    /**
     * Makes a sink.
     *
     * @param compressed whether frames must pass an encoder of the pipeline
     */
    MessageSink(Channel channel, WireFormat format, boolean compressed) {
        this.channel = channel;
        this.format = format;
        this.encoding = format.encoding();
        this.compressed = compressed;
    }

    /** Adds a message. */
    void add(Fields own) {
        add(own, NOTHING);
    }

    /** Adds a message of fields of its own and fields that are shared; gives its size. */
    int add(Fields own, Fields shared) {
        int count = own.count() + shared.count();
        boolean both = own.count() > 0 && shared.count() > 0;
        int payload = own.bytes().length + shared.bytes().length + encoding.around(count, both ? 1 : 0);
        if (compressed && payload >= Deflate.THRESHOLD) {
            if (batch != null) {
                channel.write(batch);
                batch = null;
            }
            ByteBuf message = channel.alloc().buffer(payload);
            begin(message, own, count, both);
            message.writeBytes(shared.bytes());
            encoding.closeMap(message);
            channel.write(format.isText() ? new TextWebSocketFrame(message) : new BinaryWebSocketFrame(message));
            return payload + HEAD;
        }
        ByteBuf into = batch;
        if (into == null) {
            // As much as the last time, so that what waits for a slow client holds little more than what is in it.
            into = channel.alloc().ioBuffer(Math.clamp(payload + HEAD, Math.min(usual, BATCH), BATCH));
            batch = into;
        }
        header(into, payload);
        int start = into.writerIndex();
        begin(into, own, count, both);
        if (shared.bytes().length > LARGE) {
            channel.write(into);
            batch = null;
            channel.write(Unpooled.wrappedBuffer(shared.bytes()));
            int rest = payload - (into.writerIndex() - start) - shared.bytes().length;
            if (rest > 0) {
                ByteBuf end = channel.alloc().ioBuffer(rest);
                encoding.closeMap(end);
                channel.write(end);
            }
            return payload + HEAD;
        }
        into.writeBytes(shared.bytes());
        encoding.closeMap(into);
        if (into.writerIndex() >= BATCH) {
            channel.write(into);
            batch = null;
        }
        return payload + HEAD;
    }

    private void begin(ByteBuf into, Fields own, int count, boolean both) {
        encoding.openMap(into, count);
        into.writeBytes(own.bytes());
        if (both) {
            encoding.separate(into);
        }
    }

    private void header(ByteBuf into, int payload) {
        into.writeByte(format.isText() ? 0x81 : 0x82);
        if (payload < 126) {
            into.writeByte(payload);
        } else if (payload < 0x10000) {
            into.writeByte(126).writeShort(payload);
        } else {
            into.writeByte(127).writeLong(payload);
        }
    }

    /** Hands everything to the socket. After a close frame nothing may follow, so what waits then is dropped. */
    void flush() {
        ByteBuf waiting = batch;
        batch = null;
        if (waiting != null) {
            if (ControlFrames.isClosing(channel)) {
                waiting.release();
            } else {
                usual = waiting.readableBytes();
                channel.write(waiting);
            }
        }
        channel.flush();
    }

    /** The connection is gone. */
    void drop() {
        if (batch != null) {
            batch.release();
            batch = null;
        }
    }
}
