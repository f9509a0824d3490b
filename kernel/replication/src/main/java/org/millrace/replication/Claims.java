package org.millrace.replication;

import io.nats.client.Connection;
import io.nats.client.Message;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.millrace.journal.PublishSignal;
import org.millrace.spi.plugin.Registration;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has names held by one node at a time: who wants some asks all others to let go of them, many names with one message,
 * and waits until those that had one have let go and what they wrote before is here. A node that has gone, or does not
 * answer in time, is not waited for: a client is rather served twice than not at all.
 *
 * <p>{@link #run} is one thread's work and blocks; the other methods may be called by any thread and do not.
 */
final class Claims {
    private static final Logger log = LoggerFactory.getLogger(Claims.class);
    private static final int MOST_WAITING = 65_536;
    private static final int MOST_UNDER_WAY = 16;
    /** How long claims wait for this node to find out who is there and what they have. */
    private static final long BEGIN_MILLIS = 5_000;

    private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long ARRIVAL_NANOS = TimeUnit.SECONDS.toNanos(8);
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    /** Others' changes come without a signal to this thread. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final long self;
    private final String asked;
    private final int streams;
    private final Peers peers;
    private final Map<String, Function<String, CompletionStage<Boolean>>> holders = new ConcurrentHashMap<>();
    private final ArrayBlockingQueue<Claim> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    /** Claims from before {@link #begin}. */
    private final ArrayBlockingQueue<Claim> early = new ArrayBlockingQueue<>(MOST_WAITING);
    /** One from each node for each batch under way; taken out with every look. */
    private final Queue<ClaimCodec.Answer> answers = new ConcurrentLinkedQueue<>();

    private final Queue<Owed> owed = new ConcurrentLinkedQueue<>();
    private final PublishSignal signal = new PublishSignal();
    private final CompletableFuture<Void> begun =
            new CompletableFuture<Void>().completeOnTimeout(null, BEGIN_MILLIS, TimeUnit.MILLISECONDS);
    private volatile boolean connected;
    private long lastBatch;

    /** A name, and who waits for it. */
    private record Claim(ClaimCodec.Name name, CompletableFuture<Void> done) {}

    /** An answer that must wait until what was written before it is on its way. Bounded by what others have under way. */
    private record Owed(long node, long batch, long written) {}

    /** Names that were asked for with one message. */
    private static final class Batch {
        private final List<Claim> claims;
        private final Set<Long> silent;
        private final Map<Origin, Long> arriving = new HashMap<>();
        private final long sentNanos = System.nanoTime();

        Batch(List<Claim> claims, Set<Long> silent) {
            this.claims = claims;
            this.silent = silent;
        }

        /** Whether nothing has to be waited for any more. */
        boolean isOver(Peers peers, ToLongFunction<Origin> accepted) {
            long age = System.nanoTime() - sentNanos;
            if (!silent.isEmpty() && age < ANSWER_NANOS) {
                silent.retainAll(present(peers));
            }
            arriving.entrySet().removeIf(origin -> accepted.applyAsLong(origin.getKey()) >= origin.getValue());
            return (silent.isEmpty() || age >= ANSWER_NANOS) && (arriving.isEmpty() || age >= ARRIVAL_NANOS);
        }
    }

    /** How far this node's own changes are read for sending. */
    interface Sending {
        /** Up to where, for each stream. */
        List<Outbox.Place> read();

        long synced();
    }

    Claims(long self, ClusterOptions options, Peers peers) {
        this.self = self;
        this.asked = options.prefix() + "claim";
        this.streams = options.streams();
        this.peers = peers;
        var _ = begun.thenRun(this::addEarly);
    }

    private String answerSubject(long node) {
        return asked + "ed." + Long.toHexString(node);
    }

    /** Sets what lets go of a plugin's names. */
    Registration onClaim(String plugin, Function<String, CompletionStage<Boolean>> letGo) {
        holders.put(plugin, letGo);
        return () -> holders.remove(plugin, letGo);
    }

    /**
     * This node has heard who is there, and has what the stream has. A client that comes back before would find what this
     * node had of it when it ended, though another node has had it since.
     */
    void begin() {
        begun.complete(null);
    }

    /** Claims a name of a plugin; completes on the thread of {@link #run}, another that must not be blocked, or at once. */
    CompletionStage<Void> claim(String plugin, String name) {
        if (!ClaimCodec.isShort(name)) {
            return CompletableFuture.failedStage(new ResourceException(
                    ErrorCode.INVALID, "a name of more than 65,535 bytes cannot be claimed in a cluster"));
        }
        Claim claim = new Claim(new ClaimCodec.Name(plugin, name), new CompletableFuture<>());
        if (begun.isDone()) {
            add(claim);
        } else if (!early.offer(claim)) {
            refuse(claim);
        } else if (begun.isDone()) {
            addEarly();
        }
        return claim.done();
    }

    private void addEarly() {
        for (Claim claim = early.poll(); claim != null; claim = early.poll()) {
            add(claim);
        }
    }

    private void add(Claim claim) {
        if (!connected || present(peers).isEmpty()) {
            claim.done().complete(null);
        } else if (!waiting.offer(claim)) {
            refuse(claim);
        } else {
            signal.run();
            if (!connected && waiting.remove(claim)) {
                claim.done().complete(null); // the connection ended just now
            }
        }
    }

    private static void refuse(Claim claim) {
        claim.done()
                .completeExceptionally(new ResourceException(
                        ErrorCode.BUSY,
                        MOST_WAITING + " clients wait for other nodes to let go of them; try again a little later"));
    }

    private static Set<Long> present(Peers peers) {
        Set<Long> present = new HashSet<>();
        for (Peers.Peer peer : peers.all()) {
            if (peers.isPresent(peer)) {
                present.add(peer.node());
            }
        }
        return present;
    }

    /**
     * Asks and answers until told to stop.
     *
     * @param sending of this node's changes
     * @param accepted the last change applied here of what a stream carries of a node
     */
    void run(Connection connection, Sending sending, ToLongFunction<Origin> accepted, BooleanSupplier stopping) {
        Map<Long, Batch> underWay = new HashMap<>();
        var ears = connection.createDispatcher();
        ears.subscribe(asked, message -> letGo(connection, sending, message));
        ears.subscribe(answerSubject(self), message -> {
            answers.add(ClaimCodec.answer(message.getData()));
            signal.run();
        });
        connected = true;
        try {
            while (!stopping.getAsBoolean()) {
                boolean idle = underWay.isEmpty() && owed.isEmpty();
                signal.await(
                        () -> !answers.isEmpty()
                                || !waiting.isEmpty() && underWay.size() < MOST_UNDER_WAY
                                || idle && !owed.isEmpty(),
                        idle ? IDLE_NANOS : LOOK_NANOS);
                while (!waiting.isEmpty() && underWay.size() < MOST_UNDER_WAY) {
                    ask(connection, underWay);
                }
                takeAnswers(underWay);
                settle(underWay, accepted);
                pay(connection, sending);
            }
        } finally {
            connected = false;
            underWay.values().forEach(Claims::complete);
            List<Claim> left = new ArrayList<>();
            waiting.drainTo(left);
            left.forEach(claim -> claim.done().complete(null));
            answers.clear();
            owed.clear();
        }
    }

    private void ask(Connection connection, Map<Long, Batch> underWay) {
        List<Claim> claims = new ArrayList<>();
        ClaimCodec.Request request = new ClaimCodec.Request(self, ++lastBatch);
        for (Claim next = waiting.peek(); next != null && request.add(next.name()); next = waiting.peek()) {
            waiting.remove(next);
            claims.add(next);
        }
        Batch batch = new Batch(claims, present(peers));
        underWay.put(lastBatch, batch);
        connection.publish(asked, request.bytes());
    }

    private void takeAnswers(Map<Long, Batch> underWay) {
        for (ClaimCodec.Answer answer = answers.poll(); answer != null; answer = answers.poll()) {
            Batch batch = underWay.get(answer.batch());
            if (batch != null && batch.silent.remove(answer.node())) {
                for (int lane = 0; lane < Math.min(streams, answer.written().size()); lane++) {
                    batch.arriving.put(
                            new Origin(answer.node(), lane), answer.written().get(lane));
                }
            }
        }
    }

    private void settle(Map<Long, Batch> underWay, ToLongFunction<Origin> accepted) {
        for (Iterator<Batch> all = underWay.values().iterator(); all.hasNext(); ) {
            Batch batch = all.next();
            if (batch.isOver(peers, accepted)) {
                all.remove();
                if (!batch.silent.isEmpty() || !batch.arriving.isEmpty()) {
                    log.warn(
                            "{} clients are served although other nodes may still have them: {} nodes have not"
                                    + " answered, and of {} what they wrote has not come",
                            batch.claims.size(),
                            batch.silent.size(),
                            batch.arriving.keySet().stream()
                                    .map(Origin::node)
                                    .distinct()
                                    .count());
                }
                complete(batch);
            }
        }
    }

    private static void complete(Batch batch) {
        batch.claims.forEach(claim -> claim.done().complete(null));
    }

    /** Another node wants names. */
    private void letGo(Connection connection, Sending sending, Message message) {
        ClaimCodec.Asked request = ClaimCodec.asked(message.getData());
        if (request.node() == self) {
            return;
        }
        List<CompletableFuture<Boolean>> all = new ArrayList<>();
        for (ClaimCodec.Name name : request.names()) {
            var holder = holders.get(name.plugin());
            if (holder != null) {
                all.add(letGo(holder, name));
            }
        }
        var _ = CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).whenComplete((done, failure) -> {
            boolean any = all.stream().anyMatch(CompletableFuture::join);
            if (any) {
                owed.add(new Owed(request.node(), request.batch(), sending.synced()));
                signal.run();
            } else {
                connection.publish(
                        answerSubject(request.node()),
                        new ClaimCodec.Answer(self, request.batch(), ClaimCodec.Answer.NOTHING).bytes());
            }
        });
    }

    private static CompletableFuture<Boolean> letGo(
            Function<String, CompletionStage<Boolean>> holder, ClaimCodec.Name name) {
        try {
            return holder.apply(name.name()).toCompletableFuture().exceptionally(failure -> {
                log.warn(
                        "Plugin {} has let go of '{}' for another node, but could not hand it over: {}",
                        name.plugin(),
                        name.name(),
                        failure.getMessage());
                return true;
            });
        } catch (RuntimeException e) {
            log.warn("Plugin {} does not let go of '{}' for another node", name.plugin(), name.name(), e);
            return CompletableFuture.completedFuture(false);
        }
    }

    /** Answers where what was written before has been sent; the answer says up to which change. */
    private void pay(Connection connection, Sending sending) {
        for (Iterator<Owed> all = owed.iterator(); all.hasNext(); ) {
            Owed answer = all.next();
            List<Outbox.Place> read = sending.read();
            if (read.stream().allMatch(place -> place.read() >= answer.written())) {
                all.remove();
                connection.publish(
                        answerSubject(answer.node()),
                        new ClaimCodec.Answer(
                                        self,
                                        answer.batch(),
                                        read.stream().map(Outbox.Place::last).toList())
                                .bytes());
            }
        }
    }
}
