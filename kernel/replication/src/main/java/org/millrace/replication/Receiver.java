package org.millrace.replication;

import io.nats.client.ConsumeOptions;
import io.nats.client.IterableConsumer;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamStatusCheckedException;
import io.nats.client.Message;
import io.nats.client.StreamContext;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.OrderedConsumerConfiguration;
import io.nats.client.api.StreamState;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.millrace.content.ContentFormats;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.store.ForeignRequest;
import org.millrace.store.RecordStore;

/**
 * Carries others' changes from a stream into this node's journal. What has come is gathered, handed to the store as one
 * group together with the new positions, and the next is not begun before that one is on disk: a group that is refused
 * must not be overtaken by one behind it.
 *
 * <p>{@link #run} is one thread's work and blocks; the other methods may be called by any thread.
 */
final class Receiver {
    private static final int GROUP_BYTES = 1 << 20;
    private static final long WAIT_MILLIS = 250;
    // Of several streams each has its part of these.
    private static final int FETCH = 64;
    private static final int LEAST_FETCH = 8;
    private static final long HELD_BYTES = 16L << 20;
    private static final long LEAST_HELD_BYTES = 1L << 20;
    /** So many waits without a message, though some are said to be unread, and the stream itself is asked. */
    private static final int STILL = 8;

    /** More than the largest content. */
    private static final long PARTS_BYTES = 256L << 20;

    private static final long LEAST_PARTS_BYTES = 64L << 20;

    private static final long FULL_NAP_NANOS = 5_000_000L;

    private final StreamContext stream;
    private final int lane;
    private final String subjects;
    private final String epoch;
    private final Own shared;
    private final EarlierStreams earlier;
    private final RecordStore store;
    private final ContentFormats formats;
    private final Positions positions;
    private final Clock clock;
    private final Inbox inbox;
    private final Parts parts;
    private final int fetch;
    private final Consumer<ClusterMessage> ownEcho;
    private final Consumer<List<Change>> told;
    private final Map<Long, OriginState> origins = new ConcurrentHashMap<>();
    private final Map<Long, Long> reaching = new ConcurrentHashMap<>();
    private final AtomicLong applied = new AtomicLong();
    private final AtomicLong superseded = new AtomicLong();
    private final AtomicLong merged = new AtomicLong();
    private volatile boolean stopping;
    private volatile long behind;
    private volatile boolean caughtUp;
    private long reading;

    /**
     * How far this node is with one origin.
     *
     * @param accepted the last change applied
     * @param clock its version's
     * @param held why what follows is held
     * @param firstHeld the first change that is held; 0 if none is
     */
    record OriginState(long accepted, long clock, Inbox.Wait held, long firstHeld) {
        static final OriginState UNKNOWN = new OriginState(0, 0, Inbox.Wait.NONE, 0);
    }

    Receiver(
            StreamContext stream,
            Lane lane,
            String epoch,
            RecordStore store,
            ContentFormats formats,
            Positions positions,
            Clock clock,
            long self,
            Consumer<ClusterMessage> ownEcho,
            Consumer<List<Change>> told) {
        this.stream = stream;
        this.lane = lane.number();
        this.subjects = lane.allChanges();
        this.epoch = epoch;
        this.shared = Own.of(lane.options().tables());
        this.earlier = positions.earlier();
        this.store = store;
        this.formats = formats;
        this.positions = positions;
        this.clock = clock;
        this.ownEcho = ownEcho;
        this.told = told;
        int streams = lane.options().streams();
        Positions.Applied from = positions.applied(this.lane, epoch);
        this.inbox = new Inbox(
                self,
                from.applied(),
                from.resumeAfter(),
                lane.options().maxAhead().toMillis(),
                1_024,
                Math.max(LEAST_HELD_BYTES, HELD_BYTES / streams));
        this.parts = new Parts(Math.max(LEAST_PARTS_BYTES, PARTS_BYTES / streams));
        this.fetch = Math.max(LEAST_FETCH, FETCH / streams);
        this.reading = from.resumeAfter();
        reaching.putAll(from.applied());
        from.applied().forEach((node, last) -> origins.put(node, new OriginState(last, 0, Inbox.Wait.NONE, 0)));
    }

    /** How far this node is with each origin. */
    Map<Long, OriginState> origins() {
        return Map.copyOf(origins);
    }

    /** The last change of a node that is applied. */
    long accepted(long node) {
        return origins.getOrDefault(node, OriginState.UNKNOWN).accepted();
    }

    /** The last change of each origin that is applied, or about to be: this node's journal has nothing later. */
    Map<Long, Long> reaching() {
        return Map.copyOf(reaching);
    }

    /** Whether this has been at the stream's end since it began. */
    boolean wasCaughtUp() {
        return caughtUp;
    }

    /** Changes taken over since this began. */
    long applied() {
        return applied.get();
    }

    /** Changes that lost against a later version since this began. */
    long superseded() {
        return superseded.get();
    }

    /** Changes that were put together with what was here since this began. */
    long merged() {
        return merged.get();
    }

    /** Messages in the stream that have not been read yet, as of the last one read. */
    long behind() {
        return behind;
    }

    /** Ends {@link #run} soon. */
    void stop() {
        stopping = true;
    }

    /** Receives until told to stop. */
    void run() throws ReplicationException, IOException, JetStreamApiException, InterruptedException {
        while (!stopping) {
            // A consumer made anew begins behind what was read last: after a rewind, further back.
            try (IterableConsumer consumer = stream.createOrderedConsumer(new OrderedConsumerConfiguration()
                            .filterSubject(subjects)
                            .deliverPolicy(DeliverPolicy.ByStartSequence)
                            .startSequence(reading + 1))
                    .iterate(ConsumeOptions.builder().batchSize(fetch).build())) {
                receive(consumer);
            } catch (JetStreamStatusCheckedException e) {
                throw ReplicationException.passing(
                        "the stream cannot be read, or was deleted: "
                                + String.valueOf(e.getMessage()).replaceFirst("^.*Exception: ", "")
                                + "; the connection is made anew, and the stream if it is gone",
                        e);
            } catch (IOException | JetStreamApiException | ReplicationException | InterruptedException e) {
                throw e;
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException("the stream's consumer could not be closed", e);
            }
        }
    }

    private void receive(IterableConsumer consumer)
            throws ReplicationException, InterruptedException, IOException, JetStreamApiException,
                    JetStreamStatusCheckedException {
        int still = 0;
        while (!stopping) {
            List<ClusterMessage> group = new ArrayList<>(inbox.tick(clock.millis()));
            long bytes = 0;
            Message message = consumer.nextMessage(WAIT_MILLIS);
            boolean nothing = message == null;
            while (message != null) {
                bytes += message.getData().length;
                group.addAll(take(message));
                // More of what is here already goes into the same group; nothing is waited for.
                message = bytes < GROUP_BYTES && behind > 0 ? consumer.nextMessage(1) : null;
            }
            if (!group.isEmpty()) {
                apply(group);
            }
            caughtUp |= nothing || behind == 0;
            note();
            still = nothing && behind > 0 ? still + 1 : 0;
            if (still >= STILL && !isAtEnd()) {
                return;
            }
            long rewind = inbox.rewind();
            if (rewind != 0) {
                reading = rewind - 1;
                return;
            }
        }
    }

    /**
     * Whether everything that the stream has was read. The server may count more as unread than there is; if there is
     * more, the consumer has stopped to deliver and has to be made anew.
     */
    private boolean isAtEnd() throws IOException, JetStreamApiException {
        StreamState state = stream.getStreamInfo().getStreamState();
        boolean atEnd = state.getMsgCount() == 0 || state.getLastSequence() <= reading;
        if (atEnd) {
            behind = 0;
        }
        return atEnd;
    }

    private List<ClusterMessage> take(Message message) throws ReplicationException {
        long place = message.metaData().streamSequence();
        behind = message.metaData().pendingCount();
        reading = place;
        Parts.Whole whole = parts.offer(place, message.getData());
        if (whole == null) {
            return List.of();
        }
        ClusterMessage decoded;
        try {
            decoded = MessageCodec.decode(whole.bytes(), formats::trusted);
        } catch (ResourceException e) {
            throw ReplicationException.passing("message " + place + " of the stream: " + e.getMessage(), e);
        }
        ownEcho.accept(decoded);
        if (whole.place() != place) {
            parts.forget(decoded.origin());
        }
        return inbox.offer(new Received(whole.place(), whole.bytes().length, decoded), clock.millis());
    }

    private void apply(List<ClusterMessage> group) throws ReplicationException, InterruptedException {
        List<Change> changes = new ArrayList<>();
        Map<Long, Write> places = new java.util.LinkedHashMap<>();
        long resumeAfter = Math.min(inbox.resumeAfter(), parts.resumeBefore() - 1);
        for (ClusterMessage message : group) {
            for (Change change : message.changes()) {
                if (shared.isShared(change.path()) && !earlier.include(message.origin(), change)) {
                    changes.add(change);
                }
            }
            reaching.put(message.origin(), message.last());
            places.put(
                    message.origin(),
                    positions.applied(new Origin(message.origin(), lane), message.last(), resumeAfter, epoch));
        }
        CompletableFuture<Integer> done = new CompletableFuture<>();
        ForeignRequest request =
                new ForeignRequest(changes, List.copyOf(places.values()), new ForeignRequest.Outcome() {
                    @Override
                    public void applied(List<Change> taken, int lost) {
                        try {
                            told.accept(taken);
                        } finally {
                            applied.addAndGet(taken.size());
                            // What is put together has a version that none of the nodes gave.
                            merged.addAndGet(taken.stream()
                                    .filter(change ->
                                            !places.containsKey(change.version().node()))
                                    .count());
                            done.complete(lost);
                        }
                    }

                    @Override
                    public void refused(ResourceException reason) {
                        done.completeExceptionally(reason);
                    }
                });
        while (!store.submit(request)) {
            if (stopping) {
                return;
            }
            LockSupport.parkNanos(this, FULL_NAP_NANOS);
        }
        try {
            superseded.addAndGet(done.get());
        } catch (ExecutionException e) {
            throw ReplicationException.passing(
                    "changes of other nodes cannot be taken over: "
                            + ResourceException.from(e).getMessage(),
                    e);
        }
        for (ClusterMessage message : group) {
            origins.put(message.origin(), new OriginState(message.last(), message.clock(), Inbox.Wait.NONE, 0));
        }
    }

    /** Lets others see what is held. */
    private void note() {
        for (long node : inbox.nodes()) {
            origins.compute(
                    node,
                    (n, state) -> new OriginState(
                            inbox.accepted(n), state == null ? 0 : state.clock(), inbox.waits(n), inbox.firstHeld(n)));
        }
    }
}
