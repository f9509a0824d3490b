package org.millrace.host.transport;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds what waits for the clients of all listeners together to be read. One that does not read has little waiting, but as
 * many of them as a host takes would use up the direct memory that the JVM has. Once the limit is reached, further
 * connections are closed at once, and of those that are open the ones whose clients have taken nothing for the longest time,
 * a second at least, until it suffices. Such a client loses nothing that it could not ask for again: event streams and
 * subscriptions resume, and MQTT's sessions wait.
 *
 * <p>Safe for use by any thread. Looks on one event loop, ten times a second.
 */
public final class UnreadBytes {
    private static final Logger log = LoggerFactory.getLogger(UnreadBytes.class);
    private static final long LOOK_MILLIS = 100;
    private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final long limit;
    private final LongSupplier allocated;
    private final Set<ChannelGroup> groups = ConcurrentHashMap.newKeySet();
    private final LongAdder ended = new LongAdder();
    private final OncePerMinute endings = new OncePerMinute();
    private volatile long waiting;
    /** The clients for whom something waits, of the last look. */
    private Map<Channel, Stall> stalls = Map.of();

    /** A client for whom something waits: how much, and since when no less. */
    private record Stall(long bytes, long since) {}

    private UnreadBytes(long limit, LongSupplier allocated) {
        this.limit = limit;
        this.allocated = allocated;
    }

    /**
     * Sets a limit.
     *
     * @param limit bytes; 0 for half of the direct memory that the JVM may take
     * @return without connections
     */
    public static UnreadBytes limitedTo(long limit) {
        return new UnreadBytes(
                limit > 0 ? limit : jvmLimit() / 2,
                ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider allocator
                        ? () -> allocator.metric().usedDirectMemory()
                        : () -> Long.MAX_VALUE);
    }

    /** What the JVM takes at most: as much as of heap, unless it was told otherwise. */
    private static long jvmLimit() {
        var diagnostics = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        long told = diagnostics == null
                ? 0
                : Long.parseLong(diagnostics.getVMOption("MaxDirectMemorySize").getValue());
        return told > 0 ? told : Runtime.getRuntime().maxMemory();
    }

    /** Begins to look. */
    void watch(EventLoopGroup loops) {
        var _ = loops.next().scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Counts the connections of a listener in. */
    void add(ChannelGroup connections) {
        groups.add(connections);
    }

    /** A listener is closed, and its connections with it. */
    void remove(ChannelGroup connections) {
        groups.remove(connections);
    }

    /** Whether no further connections are to be taken. */
    boolean isFull() {
        return waiting > limit;
    }

    long limit() {
        return limit;
    }

    /** What waits, by the last look; 0 if it is little. */
    long waiting() {
        return waiting;
    }

    /** How many connections were ended. */
    long ended() {
        return ended.sum();
    }

    private void look() {
        // Nothing can wait that was not allocated, so there is mostly no need to ask every connection.
        if (allocated.getAsLong() <= limit / 2) {
            stalls = Map.of();
            waiting = 0;
            return;
        }
        long now = System.nanoTime();
        long sum = 0;
        Map<Channel, Stall> seen = new HashMap<>();
        for (ChannelGroup group : groups) {
            for (Channel connection : group) {
                long bytes = waitingFor(connection);
                if (bytes > 0) {
                    sum += bytes;
                    Stall before = stalls.get(connection);
                    seen.put(connection, before != null && before.bytes == bytes ? before : new Stall(bytes, now));
                }
            }
        }
        stalls = seen;
        waiting = sum;
        if (sum > limit) {
            endLongest(sum - limit, now);
        }
    }

    private static long waitingFor(Channel connection) {
        if (!connection.isActive()) {
            return 0;
        }
        WriteBufferWaterMark marks = connection.config().getWriteBufferWaterMark();
        return connection.isWritable()
                ? marks.high() - connection.bytesBeforeUnwritable()
                : marks.low() + connection.bytesBeforeWritable();
    }

    private void endLongest(long excess, long now) {
        List<Map.Entry<Channel, Stall>> longest = new ArrayList<>();
        for (Map.Entry<Channel, Stall> stall : stalls.entrySet()) {
            if (now - stall.getValue().since >= STALLED_NANOS) {
                longest.add(stall);
            }
        }
        longest.sort(Comparator.comparingLong(stall -> stall.getValue().since - now));
        long freed = 0;
        for (Map.Entry<Channel, Stall> stall : longest) {
            if (freed > excess) {
                break;
            }
            freed += stall.getValue().bytes;
            end(stall.getKey());
        }
    }

    private void end(Channel connection) {
        ended.increment();
        long count = endings.countAndTake();
        if (count > 0) {
            log.warn(
                    "Closed {} connection(s) whose clients read nothing: {} KiB wait for the clients of all, and {}"
                        + " may. Raise limits.unread, and with it -XX:MaxDirectMemorySize, if so many slow clients are"
                        + " wanted",
                    count,
                    waiting >> 10,
                    limit >> 10);
        }
        var _ = connection.close();
    }
}
