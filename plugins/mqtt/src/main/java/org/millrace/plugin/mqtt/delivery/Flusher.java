package org.millrace.plugin.mqtt.delivery;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Writes to a connection and flushes once for a run of writes: at the end of a read or of a batch of deliveries, or in
 * a task of its own after that. Used by the connection's event loop only.
 */
public final class Flusher {
    private final ChannelHandlerContext ctx;
    private boolean dirty;
    private boolean scheduled;

    /**
     * Makes a flusher.
     *
     * @param ctx where to write
     */
    public Flusher(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    /**
     * Makes buffers to write.
     *
     * @return the channel's allocator
     */
    public ByteBufAllocator alloc() {
        return ctx.alloc();
    }

    /**
     * Whether the socket takes more.
     *
     * @return false while too much waits to be sent
     */
    public boolean isWritable() {
        return ctx.channel().isWritable();
    }

    /**
     * Writes; {@link #flush} or a task of its own flushes.
     *
     * @param packet is released
     */
    public void write(ByteBuf packet) {
        ctx.write(packet, ctx.voidPromise());
        dirty = true;
    }

    /** Makes sure that what was written is flushed soon, when no end of a batch is known to follow. */
    public void flushSoon() {
        if (dirty && !scheduled) {
            scheduled = true;
            ctx.executor().execute(() -> {
                scheduled = false;
                flush();
            });
        }
    }

    /**
     * Runs tasks on the connection's event loop.
     *
     * @return the event loop
     */
    public Executor executor() {
        return ctx.executor();
    }

    /**
     * Runs a task on the connection's event loop, if that is still there.
     *
     * @param task what
     * @param millis from now
     * @return to be cancelled if the task has become needless
     */
    public Future<?> later(Runnable task, long millis) {
        return ctx.executor().schedule(task, millis, TimeUnit.MILLISECONDS);
    }

    /** Flushes if anything was written. */
    public void flush() {
        if (dirty) {
            dirty = false;
            ctx.flush();
        }
    }
}
