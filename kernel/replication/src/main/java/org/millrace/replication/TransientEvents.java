package org.millrace.replication;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.millrace.content.ContentFormats;
import org.millrace.journal.ChangeFrames;
import org.millrace.journal.Journal;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ResourceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events that are kept nowhere go to other nodes past the stream, and only where somebody listens: each node tells the
 * others of which tables its subscribers want them, and has the NATS servers send it those alone. Whatever cannot be sent
 * at once is lost, and counted.
 *
 * <p>A message is {@code "MRE"} and the format (1), the origin (u64), then the events as {@link ChangeFrames}.
 *
 * <p>{@link #offer} and the figures: any thread, without waiting. {@link #run} is one thread's work and blocks.
 */
final class TransientEvents {
    private static final Logger log = LoggerFactory.getLogger(TransientEvents.class);
    private static final int MAGIC = 'M' << 24 | 'R' << 16 | 'E' << 8 | 1;
    private static final int HEAD = Integer.BYTES + Long.BYTES;
    private static final int MOST_TABLES = 256;
    private static final int WAITING = 8_192;
    private static final long WAITING_BYTES = 16L << 20;
    private static final int MESSAGE_BYTES = 64 << 10;
    private static final long IDLE_MILLIS = 250;

    private final String prefix;
    private final Own shared;
    private final Journal journal;
    private final ContentFormats formats;
    private final Peers peers;
    private final LocalEvents local;
    private final ArrayBlockingQueue<Change> waiting = new ArrayBlockingQueue<>(WAITING);
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private volatile boolean connected;
    private volatile Wants wants = Wants.NOTHING;

    TransientEvents(ClusterOptions options, Journal journal, ContentFormats formats, Peers peers, LocalEvents local) {
        this.prefix = options.prefix() + "event.";
        this.shared = Own.of(options.tables());
        this.journal = journal;
        this.formats = formats;
        this.peers = peers;
        this.local = local;
    }

    /** Events of other nodes that were delivered here. */
    long received() {
        return received.get();
    }

    /** Events of this node that somebody elsewhere wanted and that could not be sent at once. */
    long lost() {
        return lost.get();
    }

    /** What this node wants of others, to be told them. */
    Wants wants() {
        return wants;
    }

    /** Takes an event of this node; does not wait. */
    void offer(Change event) {
        if (!connected
                || !shared.isSharedTable(event.path().table())
                || !peers.wanted().includes(event.path().table())) {
            return;
        }
        long size = ChangeFrames.maxSize(event);
        if (waitingBytes.addAndGet(size) > WAITING_BYTES || !waiting.offer(event)) {
            waitingBytes.addAndGet(-size);
            lost.incrementAndGet();
        }
    }

    /** Has the servers send what is wanted now; returns whether that is something else than before. */
    boolean follow(Dispatcher dispatcher, Set<String> subscribed) {
        Wants now = Wants.of(local.tables(MOST_TABLES));
        Set<String> subjects = new HashSet<>();
        if (now.all()) {
            subjects.add(prefix + "*");
        }
        now.words().forEach(word -> subjects.add(prefix + word));
        for (String subject : subjects) {
            if (subscribed.add(subject)) {
                dispatcher.subscribe(subject);
            }
        }
        subscribed.removeIf(subject -> {
            boolean isOver = !subjects.contains(subject);
            if (isOver) {
                dispatcher.unsubscribe(subject);
            }
            return isOver;
        });
        boolean changed = !now.equals(wants);
        wants = now;
        return changed;
    }

    /** Sends until told to stop. */
    void run(Connection connection, java.util.function.BooleanSupplier stopping) throws InterruptedException {
        waiting.clear();
        waitingBytes.set(0);
        connected = true;
        try {
            @Nullable Change next = null;
            while (!stopping.getAsBoolean()) {
                next = next == null ? waiting.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS) : next;
                if (next != null) {
                    next = send(connection, next);
                }
            }
        } finally {
            connected = false;
        }
    }

    /** Sends an event and those behind it of the same table; returns the first that is of another. */
    private @Nullable Change send(Connection connection, Change first) {
        List<Change> events = new ArrayList<>();
        String table = first.path().table();
        long size = HEAD;
        Change next = first;
        while (next != null
                && next.path().table().equals(table)
                && (events.isEmpty() || size + ChangeFrames.maxSize(next) <= MESSAGE_BYTES)) {
            events.add(next);
            size += ChangeFrames.maxSize(next);
            waitingBytes.addAndGet(-ChangeFrames.maxSize(next));
            next = waiting.poll();
        }
        ByteBuffer message =
                ByteBuffer.allocate(Math.toIntExact(size)).putInt(MAGIC).putLong(journal.node());
        events.forEach(event -> ChangeFrames.write(event, message));
        try {
            if (message.position() > connection.getMaxPayload()) {
                lost.addAndGet(events.size());
                log.debug("An event of {} bytes is larger than the NATS servers take", message.position());
            } else {
                connection.publish(prefix + Wants.word(table), Arrays.copyOf(message.array(), message.position()));
            }
        } catch (IllegalStateException e) {
            lost.addAndGet(events.size());
            log.debug("Events cannot be sent: {}", e.getMessage());
        }
        return next;
    }

    /** Takes a message of another node. */
    void hear(Message message) {
        ByteBuffer bytes = ByteBuffer.wrap(message.getData());
        if (bytes.remaining() < HEAD || bytes.getInt() != MAGIC) {
            log.debug("Events of another release are not understood");
            return;
        }
        long origin = bytes.getLong();
        if (origin == journal.node()) {
            return;
        }
        try {
            for (Change event : ChangeFrames.read(bytes, origin, formats::trusted)) {
                if (shared.isSharedTable(event.path().table())) {
                    local.deliver(here(event));
                    received.incrementAndGet();
                }
            }
        } catch (ResourceException e) {
            log.debug("Events of node {} are not understood: {}", Long.toHexString(origin), e.getMessage());
        }
    }

    private Change here(Change event) {
        Change.Builder change = Change.of(
                        event.kind(), event.path(), event.version(), new Cursor(journal.node(), journal.publishedSeq()))
                .properties(event.properties())
                .expiresAt(event.expiresAt())
                .qos(event.qos())
                .source(event.source())
                .unjournaled();
        event.content().ifPresent(change::content);
        return change.build();
    }
}
