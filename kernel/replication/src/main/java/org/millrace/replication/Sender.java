package org.millrace.replication;

import io.nats.client.JetStream;
import io.nats.client.PublishOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.millrace.journal.ChangeFrames;
import org.millrace.journal.ChangeReader;
import org.millrace.journal.Journal;
import org.millrace.journal.PublishSignal;
import org.millrace.spi.plugin.Registration;
import org.millrace.spi.resource.Change;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries this node's own changes from the journal to a stream, in order, a window of messages at a time. Only what is
 * synced leaves the node: what a power cut could take back must not be known elsewhere. Of several streams each has a
 * sender of its own, which passes over what the others carry: one that is slow does not hold up the rest.
 *
 * <p>{@link #run} is one thread's work and blocks; the other methods may be called by any thread.
 */
final class Sender {
    private static final Logger log = LoggerFactory.getLogger(Sender.class);
    private static final int MESSAGE_BYTES = 128 << 10;
    private static final int MESSAGE_CHANGES = 1_024;
    /** What the headers of a message may take of the payload. */
    private static final int HEADERS = 1_024;

    private static final Duration ANSWER = Duration.ofSeconds(4);
    private static final long IDLE_NANOS = 20_000_000L;
    /** So much of the journal is read before others may see how far this is. */
    private static final long MOST_READ = 65_536;
    /** More than this are under way of all streams together: they have one connection, whose queue is bounded. */
    private static final int MOST_UNDER_WAY = 4_096;
    /** How long changes of other streams are gathered before they are passed over. */
    private static final long PASSING_NANOS = 500_000L;

    private static final long RESEND_PAUSE_NANOS = 5_000_000_000L;

    private final Journal journal;
    private final JetStream stream;
    private final Lane lane;
    private final String streamName;
    private final String subject;
    private final long maxPayload;
    private final Own shared;
    private final Outbox outbox;
    private final PublishSignal signal = new PublishSignal();
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final AtomicLong resendFrom = new AtomicLong(-1);
    private final Acceptance acceptance;
    private volatile boolean stopping;
    private volatile long sent;
    private volatile long lastOwn;
    private volatile Outbox.Place acknowledged;
    private volatile Outbox.Place read;

    private @Nullable ChangeReader reader;
    private @Nullable Change waiting;
    private long resentNanos = System.nanoTime() - RESEND_PAUSE_NANOS;
    private String again = "";

    /** What came of a message. Weighs nothing: there are no more than the window has. */
    private record Answer(Outbox.Sent sent, @Nullable Throwable failure) {}

    Sender(Journal journal, JetStream stream, Lane lane, long maxPayload, Outbox.Place from) {
        this.journal = journal;
        this.stream = stream;
        this.lane = lane;
        this.streamName = lane.stream();
        this.subject = lane.changes(journal.node());
        this.maxPayload = maxPayload;
        this.shared = Own.of(lane.options().tables());
        this.outbox = new Outbox(from, window(lane.options()));
        this.acknowledged = from;
        this.read = from;
        this.lastOwn = from.last();
        this.acceptance = new Acceptance(streamName, System::nanoTime);
    }

    private static int window(ClusterOptions options) {
        return Math.min(options.window(), MOST_UNDER_WAY / options.streams());
    }

    /** Messages that the stream has taken since this began. */
    long sent() {
        return sent;
    }

    /** This node's last own change that was read for sending. */
    long lastOwn() {
        return lastOwn;
    }

    /** Up to where the journal was read, and the last own change up to there. */
    Outbox.Place read() {
        return read;
    }

    /** Up to where everything is in the stream. */
    Outbox.Place acknowledged() {
        return acknowledged;
    }

    /** What an operator should know, if the stream takes nothing. */
    Optional<String> trouble() {
        return acceptance.inWords();
    }

    /** Ends {@link #run} soon. */
    void stop() {
        stopping = true;
        signal.run();
    }

    /**
     * Sends again what another node misses.
     *
     * @param after the last change it has
     * @return false if the journal no longer has what follows
     */
    boolean resend(long after) {
        if (after + 1 < journal.firstSeq() || after > journal.lastSeq()) {
            return false;
        }
        resendFrom.accumulateAndGet(after, (a, b) -> a < 0 ? b : Math.min(a, b));
        signal.run();
        return true;
    }

    /** Sends until told to stop. */
    void run() {
        Registration wakeups = journal.onPublished(signal);
        try {
            while (!stopping) {
                takeAnswers();
                beginAgainIfAsked();
                boolean any = false;
                long sentBefore = lastOwn;
                while (outbox.hasRoom() && outbox.next().read() < journal.syncedSeq() && !stopping) {
                    any |= sendNext();
                    read = outbox.next();
                    takeAnswers();
                }
                if (any && lastOwn == sentBefore && lane.options().streams() > 1) {
                    // Each stream is woken by the changes of all: one that has nothing to send does not follow each
                    // group.
                    LockSupport.parkNanos(this, PASSING_NANOS);
                } else if (!any) {
                    signal.await(
                            () -> stopping
                                    || !answers.isEmpty()
                                    || outbox.hasRoom() && outbox.next().read() < journal.syncedSeq(),
                            IDLE_NANOS);
                }
            }
        } finally {
            wakeups.close();
            closeReader();
        }
    }

    private void takeAnswers() {
        Answer answer = answers.poll();
        while (answer != null) {
            if (answer.failure() == null) {
                sent++;
                acceptance.taken();
                outbox.stored(answer.sent());
            } else {
                log.debug(
                        "A message was not acknowledged and is sent again: {}",
                        answer.failure().toString());
                acceptance.failed(answer.failure());
                long before = outbox.next().read();
                outbox.failed(answer.sent());
                if (outbox.next().read() != before) {
                    closeReader();
                }
            }
            acknowledged = outbox.acknowledged();
            answer = answers.poll();
        }
    }

    private void beginAgainIfAsked() {
        if (resendFrom.get() < 0 || System.nanoTime() - resentNanos < RESEND_PAUSE_NANOS) {
            return;
        }
        long after = resendFrom.getAndSet(-1);
        if (after >= 0 && after < outbox.acknowledged().last()) {
            resentNanos = System.nanoTime();
            log.info("Another node misses changes of this node behind {}; they are sent again", after);
            // Under ids of their own, or the server would take them for what it knows already.
            again = ":again" + Long.toHexString(System.nanoTime());
            outbox.again(new Outbox.Place(after, after));
            closeReader();
        }
    }

    /** Sends one message, or passes over changes of others; returns whether there was anything to do. */
    private boolean sendNext() {
        Outbox.Place from = outbox.next();
        List<Change> own = new ArrayList<>();
        long bytes = MessageCodec.HEAD;
        long read = from.read();
        long synced = journal.syncedSeq();
        while (own.size() < MESSAGE_CHANGES && read < synced && read - from.read() < MOST_READ) {
            Change change = next(read);
            if (change == null) {
                break;
            }
            if (shared.isSent(change, journal.node()) && lane.carries(change.path())) {
                long size = ChangeFrames.maxSize(change);
                if (!own.isEmpty() && bytes + size > Math.min(MESSAGE_BYTES, maxPayload)) {
                    waiting = change;
                    break;
                }
                own.add(change);
                bytes += size;
            }
            read = change.cursor().position();
        }
        if (own.isEmpty()) {
            if (read > from.read()) {
                outbox.skipped(read);
                acknowledged = outbox.acknowledged();
            }
            return read > from.read();
        }
        send(new ClusterMessage(journal.node(), from.last(), own), read);
        return true;
    }

    private @Nullable Change next(long after) {
        Change change = waiting;
        waiting = null;
        if (change != null) {
            return change;
        }
        if (reader == null) {
            reader = journal.read(after);
        }
        return reader.next();
    }

    private void closeReader() {
        waiting = null;
        if (reader != null) {
            reader.close();
            reader = null;
        }
    }

    private void send(ClusterMessage message, long read) {
        List<byte[]> parts =
                Parts.cut(message.origin(), MessageCodec.encode(message), Math.toIntExact(maxPayload) - HEADERS);
        lastOwn = Math.max(lastOwn, message.last());
        Outbox.Sent under = outbox.sent(new Outbox.Place(message.last(), read));
        List<CompletableFuture<?>> taken = new ArrayList<>(parts.size());
        for (int i = 0; i < parts.size(); i++) {
            PublishOptions options = PublishOptions.builder()
                    .messageId(message.id() + again + (parts.size() == 1 ? "" : "/" + i + "of" + parts.size()))
                    .expectedStream(streamName)
                    .streamTimeout(ANSWER)
                    .build();
            taken.add(stream.publishAsync(subject, parts.get(i), options));
        }
        var _ = CompletableFuture.allOf(taken.toArray(CompletableFuture[]::new)).whenComplete((all, failure) -> {
            answers.add(new Answer(under, failure));
            signal.run();
        });
    }
}
