package org.millrace.plugin.amqp.feed;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes the place of a durable group down: soon after something was settled, before more is offered than was written
 * down, and now and then. Used by the group's home.
 */
final class PlaceWriter {
    private static final long SAVE_MILLIS = 50;
    private static final long IDLE_SAVE_SECONDS = 10;

    private final Places places;
    private final GroupSpec spec;
    private final EventLoop home;
    private final Progress progress;
    private final RetiredPositions retired;
    private final Supplier<GroupPlace> place;
    private final Runnable granted;
    private boolean saving;
    private long savedHigh = -1;
    private @Nullable Future<?> idleSave;
    private boolean stopped;

    /**
     * Makes a writer that has nothing to do yet.
     *
     * @param place tells the place as it is
     * @param granted told that more may be offered
     */
    PlaceWriter(
            Places places,
            GroupSpec spec,
            EventLoop home,
            Progress progress,
            RetiredPositions retired,
            Supplier<GroupPlace> place,
            Runnable granted) {
        this.places = places;
        this.spec = spec;
        this.home = home;
        this.progress = progress;
        this.retired = retired;
        this.place = place;
        this.granted = granted;
    }

    void start() {
        idleSave = home.scheduleAtFixedRate(this::saveIfMoved, IDLE_SAVE_SECONDS, IDLE_SAVE_SECONDS, TimeUnit.SECONDS);
    }

    /** Writes nothing from now on; the place is nobody's, or another group's. */
    void stop() {
        stopped = true;
        if (idleSave != null) {
            idleSave.cancel(false);
        }
    }

    /** Writes down that more may be offered, and has it offered when that is on disk. */
    void extend() {
        progress.reach.askFor(place.get().high());
        save();
    }

    /** Something was settled. */
    void settled() {
        if (saving || stopped) {
            return;
        }
        saving = true;
        var _ = home.schedule(
                () -> {
                    saving = false;
                    save();
                },
                SAVE_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    void save() {
        if (stopped) {
            return;
        }
        GroupPlace now = place.get();
        BitSet slots = retired.toBeFreed();
        int times = progress.reach.times();
        savedHigh = now.high();
        places.trySave(spec, now).thenAccept(saved -> home.execute(() -> saved(now, slots, times, saved)));
    }

    private void saved(GroupPlace written, BitSet slots, int times, boolean saved) {
        if (saved) {
            retired.free(slots);
        } else {
            retired.decided(slots);
        }
        if (!progress.reach.covers(written.reach())) {
            // What cannot be written down is offered all the same: a full disk must not keep readers from reading.
            progress.reach.grant(written.reach(), times);
            granted.run();
        }
    }

    /** So that a place does not hold the journal back while nothing comes for its group. */
    private void saveIfMoved() {
        if (place.get().high() != savedHigh) {
            save();
        }
    }
}
