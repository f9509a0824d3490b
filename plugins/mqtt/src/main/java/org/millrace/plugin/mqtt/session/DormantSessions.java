package org.millrace.plugin.mqtt.session;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.plugin.PluginContext;
import org.millrace.spi.resource.ResourceException;

/**
 * The sessions that are on disk alone, of this run of the server and of earlier ones: they are read one by one when their
 * clients come, or their time. From where on they need the journal, and which of them are due before long, is found by
 * going through their headers now and then, in the background; so neither the start of the server nor its memory depends
 * on their number. Safe for use by any thread.
 */
final class DormantSessions {
    private static final long TICK_SECONDS = 30;
    /** So often they are gone through even if nothing speaks for it. */
    private static final long LONGEST_PAUSE_MILLIS = 600_000;
    /** What going through them takes is at most one part of so many of the time. */
    private static final int PAUSE_BY_DURATION = 50;
    /** Only what is due within this time has an alarm, so that memory does not depend on how many will be due. */
    private static final long HORIZON_MILLIS = 2 * LONGEST_PAUSE_MILLIS;
    /** After so many headers others have their turn. */
    private static final int TURN = 64;
    /** How many sessions are being settled at once. */
    private static final int AT_ONCE = 256;

    private final PluginContext context;
    private final SessionStore store;
    private final WillCodec codec;
    private final Owner owner;
    private final Asleep asleep;
    private final Alarms alarms;
    /** Sessions of this run have higher names. */
    private final long firstOfThisRun;

    private final AtomicBoolean sweeping = new AtomicBoolean();
    private @Nullable Runnable known;
    private volatile long horizonMillis;
    private volatile long sweptNanos;
    private volatile long sweepTookNanos;
    private volatile boolean stopped;

    /** What becomes of the sessions. */
    interface Owner {
        /** Whether a client's session is in memory, or somebody holds the client id who has none. */
        boolean isAwake(String clientId);

        /**
         * Something is due: the session or its will has waited long enough, or has only begun to wait. May block.
         *
         * @return completes when that is over, and what is to outlive the server is durable
         */
        CompletionStage<?> settle(String clientId);

        /** What was kept for other sessions of earlier runs than those that satisfy a condition is of no more use. */
        void retain(Predicate<String> known);
    }

    DormantSessions(PluginContext context, SessionStore store, WillCodec codec, Owner owner, long maxLag) {
        this.context = context;
        this.store = store;
        this.codec = codec;
        this.owner = owner;
        this.asleep = new Asleep(() -> context.cursors().head(), maxLag);
        this.alarms = new Alarms(context, owner::settle);
        this.horizonMillis = context.clock().millis() + HORIZON_MILLIS;
        this.firstOfThisRun =
                SessionStore.number(store.newGeneration(context.clock().millis()));
    }

    /**
     * Begins to go through them.
     *
     * @param then runs on a thread of the executor when their places are known for the first time
     */
    void start(Runnable then) {
        known = then;
        context.executor().execute(this::sweep);
        context.scheduler().scheduleWithFixedDelay(this::tick, TICK_SECONDS, TICK_SECONDS, TimeUnit.SECONDS);
    }

    void stop() {
        stopped = true;
        alarms.stop();
    }

    /** How many there are, as far as is known. */
    int count() {
        return asleep.count();
    }

    /** How many of them have an alarm. */
    int alarms() {
        return alarms.count();
    }

    /** Whether it is known that there are none. */
    boolean isNone() {
        return asleep.isNone();
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

    /** A session was found and does not sleep any more; see {@link Asleep#wake}. */
    void woke(SessionHeader header, Runnable awake) {
        asleep.wake(header, awake);
        alarms.remove(header.via().clientId(), header.dueMillis());
    }

    /**
     * A session is on disk as it is, and need not be in memory.
     *
     * @param header what is on disk
     * @param really lets go of the client id; false if somebody else has taken it
     * @return what that said
     */
    boolean fallAsleep(SessionHeader header, BooleanSupplier really) {
        boolean fell = asleep.fall(header, really);
        if (fell) {
            setAlarm(header);
        }
        return fell;
    }

    /** The same of a session that could not be settled, which the next sweep tries again. */
    void sleepOn(SessionHeader header, BooleanSupplier really) {
        asleep.fall(header, really);
    }

    private void setAlarm(SessionHeader header) {
        long due = header.dueMillis();
        if (due <= horizonMillis) {
            alarms.set(header.via().clientId(), due);
        }
    }

    /** A session in memory that is not on disk has an alarm, too. */
    void setAlarm(String clientId, long dueMillis) {
        alarms.set(clientId, dueMillis);
    }

    void removeAlarm(String clientId, long dueMillis) {
        alarms.remove(clientId, dueMillis);
    }

    /** Adds the places of the sessions. */
    void addTo(JournalPlaces places) {
        asleep.addTo(places);
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

    private void tick() {
        long sinceNanos = System.nanoTime() - sweptNanos;
        boolean due = sinceNanos >= TimeUnit.MILLISECONDS.toNanos(LONGEST_PAUSE_MILLIS) || asleep.isStale();
        if (!stopped && !isNone() && due && sinceNanos >= sweepTookNanos * PAUSE_BY_DURATION) {
            context.executor().execute(this::sweep);
        }
    }

    /** Goes through all headers. */
    void sweep() {
        if (!sweeping.compareAndSet(false, true)) {
            return;
        }
        try {
            Runnable first = known;
            Sweep sweep = new Sweep(first == null ? null : new long[1_024]);
            sweep.run();
            if (first != null) {
                known = null;
                first.run();
                if (count() > 0) {
                    context.log().log(Level.INFO, "{0} mqtt sessions wait for their clients", count());
                }
                removeStrayParts(sweep.generations());
            }
        } catch (StopSweep e) {
            context.log().log(Level.DEBUG, "the mqtt sessions that wait are not gone through, for the server stops");
        } catch (ResourceException e) {
            context.log().log(
                    Level.WARNING,
                    "the mqtt sessions that wait could not be gone through, which is tried again: {0}",
                    e.getMessage());
        } finally {
            sweeping.set(false);
        }
    }

    /** Parts that no header names: the server was killed while it removed a session. */
    private void removeStrayParts(long[] named) {
        Predicate<String> isKnown = generation -> {
            long number = SessionStore.number(generation);
            return number >= firstOfThisRun || Arrays.binarySearch(named, number) >= 0;
        };
        owner.retain(isKnown);
        store.forEachPart((generation, key) -> {
            if (!stopped && !isKnown.test(generation)) {
                store.remove(key).toCompletableFuture().join();
            }
        });
    }

    /** One going through all headers. */
    private final class Sweep {
        private final List<CompletableFuture<?>> underWay = new ArrayList<>(AT_ONCE);
        private long @Nullable [] generations;
        private int generationCount;
        private int looked;

        Sweep(long @Nullable [] generations) {
            this.generations = generations;
        }

        void run() {
            long from = System.nanoTime();
            horizonMillis = context.clock().millis() + HORIZON_MILLIS;
            asleep.beginSweep();
            boolean whole = false;
            try {
                store.forEachHeader(this::take);
                finish();
                whole = true;
            } finally {
                if (whole) {
                    asleep.endSweep();
                } else {
                    asleep.abandonSweep();
                }
                sweptNanos = System.nanoTime();
                sweepTookNanos = sweptNanos - from;
            }
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
                // A virtual thread gives way of itself only, and those who connect are read on such, too.
                Thread.yield();
            }
            header(key, value).ifPresent(header -> take(key, header));
        }

        private void take(String key, SessionHeader header) {
            if (generations != null) {
                if (generationCount == generations.length) {
                    generations = Arrays.copyOf(generations, 2 * generationCount);
                }
                generations[generationCount++] = SessionStore.number(header.generation());
            }
            String clientId = header.via().clientId();
            if (asleep.see(key, header, () -> owner.isAwake(clientId))) {
                if (header.dueMillis() <= context.clock().millis()) {
                    settle(clientId);
                } else {
                    setAlarm(header);
                }
            }
        }

        private void settle(String clientId) {
            underWay.add(owner.settle(clientId).toCompletableFuture());
            if (underWay.size() >= AT_ONCE) {
                finish();
            }
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
