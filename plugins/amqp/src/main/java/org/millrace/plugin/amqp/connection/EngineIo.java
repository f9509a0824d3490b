package org.millrace.plugin.amqp.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.engine.Transport;
import org.apache.qpid.proton.engine.TransportException;
import org.jspecify.annotations.Nullable;

/**
 * Bytes between the socket and the engine, and the engine's clock. Frames are written together, once a turn of the event
 * loop, and no more than the socket takes. Used by the connection's event loop.
 */
final class EngineIo {
    /** Once good-bye is said, how long the client has to read it. */
    private static final long LINGER_SECONDS = 5;

    private final Transport transport;
    private final Channel channel;
    private final Runnable flushed;
    private final long startedNanos = System.nanoTime();
    private @Nullable ChannelHandlerContext context;
    private @Nullable Future<?> tick;
    private @Nullable Future<?> linger;
    private boolean awake;
    private boolean reading;
    private boolean closing;
    private long written;

    /**
     * Connects engine and socket.
     *
     * @param flushed told when the engine got rid of something
     */
    EngineIo(Transport transport, Channel channel, Runnable flushed) {
        this.flushed = flushed;
        this.transport = transport;
        this.channel = channel;
    }

    void attach(ChannelHandlerContext ctx) {
        context = ctx;
    }

    /**
     * Gives the engine what was read.
     *
     * @throws RuntimeException what the engine makes of some frames that are none; it does not tell the peer of these
     */
    void read(ByteBuf in) {
        reading = true;
        while (in.isReadable()) {
            int capacity = transport.capacity();
            if (capacity <= 0) {
                return; // closed: what still comes is of no interest
            }
            ByteBuffer tail = transport.tail();
            int limit = tail.limit();
            tail.limit(tail.position() + Math.min(tail.remaining(), in.readableBytes()));
            in.readBytes(tail);
            tail.limit(limit);
            try {
                transport.process();
            } catch (TransportException e) {
                if (transport.getCondition() == null) {
                    throw e; // the engine has nothing more to say: the caller does
                }
                return; // the engine holds the condition and says it to the peer
            }
        }
    }

    /** The engine has something to say: it is said at the end of this turn. */
    void wake() {
        if (!awake && context != null) {
            awake = true;
            if (!reading) {
                context.executor().execute(this::flushAwake);
            }
        }
    }

    void readComplete() {
        reading = false;
        flush();
    }

    private void flushAwake() {
        if (awake) {
            flush();
        }
    }

    /** Writes what the engine has to say, as far as the socket takes it. */
    void flush() {
        awake = false;
        ChannelHandlerContext ctx = context;
        if (ctx == null || closing) {
            return;
        }
        long before = written;
        if (writePending(ctx) < 0) {
            close();
        } else if (written != before) {
            ctx.flush();
            flushed.run();
        }
    }

    /** Gives what is still pending: less than 0 once the engine has said its last. */
    private int writePending(ChannelHandlerContext ctx) {
        int pending = transport.pending();
        while (pending > 0 && channel.isWritable()) {
            ByteBuffer head = transport.head();
            int size = head.remaining();
            ctx.write(ctx.alloc().buffer(size).writeBytes(head), ctx.voidPromise());
            transport.pop(size);
            written += size;
            pending = transport.pending();
        }
        return pending;
    }

    /** Ends the connection, and says why where the engine does not: it gives up at once on some frames that are none. */
    void farewell(ErrorCondition condition) {
        ChannelHandlerContext ctx = context;
        if (ctx == null || closing) {
            return;
        }
        if (writePending(ctx) < 0) {
            ctx.write(CloseFrame.of(condition), ctx.voidPromise());
        }
        close();
    }

    /** Sends what was written, and ends the connection then. */
    void close() {
        ChannelHandlerContext ctx = context;
        if (ctx == null || closing) {
            return;
        }
        closing = true;
        cancelTick();
        linger = ctx.executor().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
        ctx.writeAndFlush(ctx.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
    }

    boolean isClosing() {
        return closing;
    }

    /** Sends empty frames and finds silent peers, from when idle time-outs are known. */
    void tick() {
        cancelTick();
        if (closing) {
            return;
        }
        long now = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos) + 1;
        long next = transport.tick(now);
        flush();
        if (next > 0 && context != null && !closing) {
            tick = context.executor().schedule(this::tick, Math.max(1, next - now), TimeUnit.MILLISECONDS);
        }
    }

    private void cancelTick() {
        if (tick != null) {
            tick.cancel(false);
            tick = null;
        }
    }

    void inactive() {
        closing = true;
        cancelTick();
        if (linger != null) {
            linger.cancel(false);
        }
    }
}
