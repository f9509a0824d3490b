package org.millrace.plugin.mqtt.session;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Cursor;

/**
 * How many sessions are on disk alone, and from where on they need the journal. Both are found by sweeps over their
 * headers, in the order of the keys; what falls asleep or wakes meanwhile is told here, so that the count is right and
 * no place is missing at any time. A place of a session that woke stays until the next sweep has ended. Safe for use by
 * any thread.
 */
final class Asleep {
    private final Supplier<Cursor> head;
    private final long maxLag;

    /** What the last sweep saw; null until one has ended. */
    private @Nullable JournalPlaces swept;
    /** Of those that fell asleep since that sweep began. */
    private JournalPlaces since;

    private @Nullable Sweep sweep;
    private boolean stale;
    private volatile int count;
    private volatile boolean none;

    /** A sweep that has not ended. */
    private static final class Sweep {
        final JournalPlaces places;
        final JournalPlaces since;
        /** Those whose header says that they sleep although they do not. */
        final Set<String> awake = new HashSet<>(0);
        /** Whether those sleep that fell asleep or woke since it began; it may come to them yet, or have passed them. */
        final Map<String, Boolean> moved = new HashMap<>(0);

        String position = "";
        int seen;

        Sweep(Cursor head, long maxLag) {
            places = new JournalPlaces(head, maxLag);
            since = new JournalPlaces(head, maxLag);
        }

        void fell(String key) {
            moved.put(key, true);
        }

        void woke(String key) {
            boolean wasSeen = !moved.containsKey(key) && key.compareTo(position) <= 0 && !awake.contains(key);
            if (wasSeen) {
                seen--;
            }
            moved.put(key, false);
        }

        int count() {
            return seen + (int) moved.values().stream().filter(sleeps -> sleeps).count();
        }
    }

    /**
     * Makes one that knows of no session.
     *
     * @param head where the journal ends now
     * @param maxLag how many changes a place may be behind that
     */
    Asleep(Supplier<Cursor> head, long maxLag) {
        this.head = head;
        this.maxLag = maxLag;
        this.since = new JournalPlaces(head.get(), maxLag);
    }

    int count() {
        return count;
    }

    /** Whether it is known that there are none. */
    boolean isNone() {
        return none;
    }

    /** Whether the next sweep may find that less of the journal is needed. */
    synchronized boolean isStale() {
        return stale;
    }

    synchronized void beginSweep() {
        sweep = new Sweep(head.get(), maxLag);
        stale = false;
    }

    /**
     * A sweep has come to a header.
     *
     * @param awake whether it is in memory; not yet so if its client has come and it was not found
     * @return whether it sleeps
     */
    synchronized boolean see(String key, SessionHeader header, BooleanSupplier awake) {
        Sweep now = sweep;
        if (now == null) {
            throw new IllegalStateException("no sweep has begun");
        }
        now.position = key;
        SessionHeader.Away away = header.away();
        if (away != null && away.earliest() != null) {
            now.places.add(away.earliest()); // also of one that wakes: its holder may not know its place yet
        }
        Boolean sleeps = now.moved.get(key);
        if (sleeps != null) {
            return sleeps && !awake.getAsBoolean();
        }
        if (awake.getAsBoolean()) {
            if (away != null) {
                now.awake.add(key);
            }
            return false;
        }
        now.seen++;
        return true;
    }

    /** The sweep has seen all headers. */
    synchronized void endSweep() {
        Sweep over = sweep;
        if (over == null) {
            throw new IllegalStateException("no sweep has begun");
        }
        sweep = null;
        swept = over.places;
        since = over.since;
        count = over.count();
        none = over.seen == 0 && over.awake.isEmpty() && over.moved.isEmpty();
    }

    /** The sweep does not go on. */
    synchronized void abandonSweep() {
        sweep = null;
        stale = true;
    }

    /**
     * A session falls asleep.
     *
     * @param really lets go of the client id; false if somebody else has taken it
     * @return what that said
     */
    synchronized boolean fall(SessionHeader header, BooleanSupplier really) {
        boolean wasNone = none;
        none = false; // before anybody can look for it
        Sweep now = sweep;
        SessionHeader.Away away = header.away();
        Cursor place = away == null ? null : away.earliest();
        if (place != null) {
            since.add(place);
        }
        if (now != null && place != null) {
            now.since.add(place);
        }
        if (!really.getAsBoolean()) {
            none = wasNone;
            stale = true;
            return false;
        }
        count++;
        if (now != null) {
            now.fell(key(header));
        }
        return true;
    }

    /**
     * A session was found on disk, and does not sleep any more.
     *
     * @param awake makes it known that it does not, to those who ask in {@link #see}
     */
    synchronized void wake(SessionHeader header, Runnable awake) {
        awake.run();
        stale = true;
        count = Math.max(0, count - 1);
        Sweep now = sweep;
        if (now != null) {
            now.woke(key(header));
        }
    }

    private static String key(SessionHeader header) {
        return SessionStore.header(header.via().clientId());
    }

    /** Adds the places of all that sleep. */
    synchronized void addTo(JournalPlaces places) {
        JournalPlaces known = swept;
        if (known == null) {
            places.incomplete();
            return;
        }
        add(known, places);
        add(since, places);
    }

    private void add(JournalPlaces from, JournalPlaces to) {
        Cursor place = from.found();
        if (place != null && to.isTooFar(place)) {
            to.incomplete(); // which of them is the next, only a sweep finds out
            stale = true;
        } else if (place != null) {
            to.add(place);
        }
        to.addGivenUp(from.givenUp());
    }
}
