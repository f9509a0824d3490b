package org.millrace.plugin.mqtt.session;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ResourceException;

/**
 * The sessions of an earlier run of the server whose clients have not come back: they stay on disk, and are read one by
 * one when their clients come, or their time. How many there are, and from where on they need the journal, is found by
 * going through their headers now and then, in the background; so neither the start of the server nor its memory depends
 * on their number. Safe for use by any thread.
 */
final class DormantSessions {
    private static final long SHORTEST_PAUSE_MILLIS = 1_000;
    private static final long LONGEST_PAUSE_MILLIS = 600_000;
    /** What going through them takes is at most one part of so many of the time. */
    private static final int PAUSE_BY_DURATION = 50;
    /** After so many headers others have their turn. */
    private static final int TURN = 64;
    /** How many sessions are being settled at once. */
    private static final int AT_ONCE = 256;

    private final PluginContext context;
    private final SessionStore store;
    private final SessionCodec codec;
    private final Owner owner;
    private final long maxLag;
    /** Sessions of this run have higher names. */
    private final long firstOfThisRun;

    private volatile @Nullable Summary summary;
    private volatile int count;
    private volatile boolean none;
    private volatile boolean stopped;

    /** Where the sessions stand in the journal, when they were last gone through. */
    private record Summary(@Nullable Cursor earliest, int givenUp) {}

    /** What becomes of the sessions. */
    interface Owner {
        /** Whether somebody holds a client id, or its session is in memory. */
        boolean isAwake(String clientId);

        /**
         * Something is due: the session or its will has waited long enough, or has only begun to wait.
         *
         * @return completes with the earliest change the session may still need, when all that is durable
         */
        CompletionStage<Optional<Cursor>> settle(String clientId);

        /** What was kept for other sessions of earlier runs than those that satisfy a condition is of no more use. */
        void retain(Predicate<String> known);
    }

    DormantSessions(PluginContext context, SessionStore store, SessionCodec codec, Owner owner, long maxLag) {
        this.context = context;
        this.store = store;
        this.codec = codec;
        this.owner = owner;
        this.maxLag = maxLag;
        this.firstOfThisRun =
                SessionStore.number(store.newGeneration(context.clock().millis()));
    }

    /**
     * Begins to go through them.
     *
     * @param known runs on a thread of the executor when their places are known for the first time
     */
    void start(Runnable known) {
        context.executor().execute(() -> first(known));
    }

    void stop() {
        stopped = true;
    }

    /** How many there are, as far as is known. */
    int count() {
        return count;
    }

    /**
     * Whether it is known that there are none, nor will be: those that were on disk at the start are over or awake, and no
     * session of this run comes to sleep.
     */
    boolean isNone() {
        return none;
    }

    /** Finds a client's session without reading it. May block. */
    Optional<SessionHeader> find(String clientId) {
        return store.get(SessionStore.header(clientId)).flatMap(value -> header(SessionStore.header(clientId), value));
    }

    /** Reads a session; empty, and reported, if that cannot be. May block. */
    Optional<SessionState> read(SessionHeader header) {
        try {
            return Optional.of(StoredSession.read(header, store, codec));
        } catch (IllegalArgumentException | ResourceException e) {
            report(SessionStore.header(header.via().clientId()), e);
            return Optional.empty();
        }
    }

    /** A session was read and does not sleep any more. */
    synchronized void woke() {
        count = Math.max(0, count - 1);
    }

    /** Adds the places of the sessions. */
    void addTo(JournalPlaces places) {
        Summary known = summary;
        if (known == null || known.earliest() != null && places.isTooFar(known.earliest())) {
            places.incomplete();
            return;
        }
        if (known.earliest() != null) {
            places.add(known.earliest());
        }
        places.addGivenUp(known.givenUp());
    }

    private Optional<SessionHeader> header(String key, byte[] value) {
        try {
            return Optional.of(SessionCodec.header(value));
        } catch (IllegalArgumentException | ResourceException e) {
            report(key, e);
            return Optional.empty();
        }
    }

    private void report(String key, RuntimeException why) {
        context.log().log(
                Level.WARNING,
                "an mqtt session is lost, for what is kept of it under ''{0}'' cannot be read: {1}",
                key,
                why.getMessage());
    }

    private void first(Runnable known) {
        Sweep sweep = new Sweep(new long[1_024]);
        if (sweep.run()) {
            known.run();
            if (count > 0) {
                context.log().log(Level.INFO, "{0} mqtt sessions wait for their clients", count);
            }
            removeStrayParts(sweep.generations());
        }
    }

    private void again() {
        new Sweep(null).run();
    }

    /** Parts that no header names: the server was killed while it removed a session. */
    private void removeStrayParts(long[] known) {
        Predicate<String> isKnown = generation -> {
            long number = SessionStore.number(generation);
            return number >= firstOfThisRun || Arrays.binarySearch(known, number) >= 0;
        };
        owner.retain(isKnown);
        store.forEachPart((generation, key) -> {
            if (!stopped && !isKnown.test(generation)) {
                store.remove(key).toCompletableFuture().join();
            }
        });
    }

    private void planNext(long durationMillis, long dueMillis) {
        long shortest = Math.max(SHORTEST_PAUSE_MILLIS, durationMillis * PAUSE_BY_DURATION);
        long longest = Math.max(shortest, LONGEST_PAUSE_MILLIS);
        long pause = Math.clamp(dueMillis - context.clock().millis(), shortest, longest);
        if (!stopped && count > 0 && !context.scheduler().isShutdown()) {
            var _ = context.scheduler()
                    .schedule(() -> context.executor().execute(this::again), pause, TimeUnit.MILLISECONDS);
        }
    }

    /** One going through all headers. */
    private final class Sweep {
        private final JournalPlaces places = new JournalPlaces(context.cursors().head(), maxLag);
        private final List<CompletableFuture<?>> underWay = new ArrayList<>(AT_ONCE);
        private long @Nullable [] generations;
        private int generationCount;
        private int looked;
        private int seen;
        private long dueMillis = Long.MAX_VALUE;

        Sweep(long @Nullable [] generations) {
            this.generations = generations;
        }

        /** False if it was stopped. */
        boolean run() {
            long from = System.nanoTime();
            Cursor head = places.earliest();
            try {
                store.forEachHeader(this::take);
                finish();
            } catch (StopSweep e) {
                return false;
            }
            Cursor earliest = places.earliest();
            summary = new Summary(earliest.equals(head) ? null : earliest, places.givenUp());
            count = seen;
            none = seen == 0;
            planNext(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - from), dueMillis);
            return true;
        }

        long[] generations() {
            long[] all = generations == null ? new long[0] : Arrays.copyOf(generations, generationCount);
            Arrays.sort(all);
            return all;
        }

        private void take(String key, byte[] value) {
            if (stopped) {
                throw new StopSweep();
            }
            if (++looked % TURN == 0) {
                Thread.yield(); // a virtual thread gives way of itself only, and those who connect are read on such,
                // too
            }
            header(key, value).ifPresent(this::take);
        }

        private void take(SessionHeader header) {
            if (generations != null) {
                if (generationCount == generations.length) {
                    generations = Arrays.copyOf(generations, 2 * generationCount);
                }
                generations[generationCount++] = SessionStore.number(header.generation());
            }
            if (owner.isAwake(header.via().clientId())) {
                return;
            }
            SessionHeader.Away away = header.away();
            long due = away == null
                    ? 0
                    : SessionHeader.dueMillis(away.leftMillis(), header.expirySeconds(), away.willDelaySeconds());
            if (away == null || due <= context.clock().millis()) {
                settle(header);
                return;
            }
            seen++;
            dueMillis = Math.min(dueMillis, due);
            if (away.earliest() != null) {
                places.add(away.earliest());
            }
        }

        private void settle(SessionHeader header) {
            CompletableFuture<Optional<Cursor>> done =
                    owner.settle(header.via().clientId()).toCompletableFuture();
            seen++; // if it is over, or awake, the next count says so
            dueMillis = 0; // what it waits for is not known here
            underWay.add(done.thenAccept(earliest -> earliest.ifPresent(this::addLater)));
            if (underWay.size() >= AT_ONCE) {
                finish();
            }
        }

        private synchronized void addLater(Cursor place) {
            places.add(place);
        }

        private void finish() {
            // A session that cannot be settled is tried again by the next sweep.
            CompletableFuture.allOf(underWay.toArray(CompletableFuture[]::new))
                    .handle((done, failure) -> failure)
                    .join();
            underWay.clear();
        }
    }

    /** Ends a walk through the store. */
    private static final class StopSweep extends RuntimeException {
        private static final long serialVersionUID = 1;

        StopSweep() {
            super("the server stops", null, false, false);
        }
    }
}
