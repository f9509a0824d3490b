package org.millrace.journal;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.millrace.spi.plugin.Registration;
import org.millrace.spi.resource.Version;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes old segments, whole and oldest first. Any thread may register; deleting is done by one at a time.
 *
 * <p>What the store has not applied is never deleted. What a durable cursor has not seen, and what a table wants to keep
 * for longer, is kept up to the hard cap. A cursor that was overridden there is lost in any case, so it keeps nothing
 * more.
 */
final class Retention {
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

    private final JournalOptions options;
    private final JournalFiles files;
    private final Segments segments;
    private final Clock clock;
    private final TableHistory history;
    private final List<Pin> pins = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private volatile LongSupplier appliedSeq = () -> 0;

    Retention(JournalOptions options, JournalFiles files, Segments segments, Clock clock) {
        this.options = options;
        this.files = files;
        this.segments = segments;
        this.clock = clock;
        this.history = new TableHistory(files, clock);
    }

    /** Not a record: two pins of one name are two pins. */
    private static final class Pin {
        private final String name;
        private final LongSupplier seenSeq;
        private final LongConsumer expire;

        Pin(String name, LongSupplier seenSeq, LongConsumer expire) {
            this.name = name;
            this.seenSeq = seenSeq;
            this.expire = expire;
        }

        /** Whether a segment has changes this pin waits for; not if earlier ones of them are gone. */
        boolean holds(Segment segment) {
            long seen = seenSeq.getAsLong();
            return seen < segment.lastSeq() && seen >= segment.firstSeq() - 1;
        }
    }

    void retainUnapplied(LongSupplier applied) {
        appliedSeq = applied;
    }

    void retainHistory(Supplier<Map<String, Duration>> byTable) {
        history.ask(byTable);
    }

    Registration pin(String name, LongSupplier seenSeq, LongConsumer expire) {
        Pin pin = new Pin(name, seenSeq, expire);
        pins.add(pin);
        return () -> pins.remove(pin);
    }

    void enforce() {
        lock.lock();
        try {
            long total = 0;
            for (Segment s : segments.all()) {
                total += s.header().fileBytes();
            }
            for (Segment oldest : segments.all()) {
                if (!isDue(oldest, total) || !isFree(oldest, total) || !delete(oldest)) {
                    return;
                }
                total -= oldest.header().fileBytes();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isDue(Segment oldest, long total) {
        if (!oldest.isSealed()) {
            return false;
        }
        long age = clock.millis() - new Version(oldest.maxClock(), 0).epochMillis();
        return total > options.retainBytes() || age > options.retainAge().toMillis();
    }

    private boolean isFree(Segment oldest, long total) {
        if (oldest.lastSeq() > appliedSeq.getAsLong()) {
            return false;
        }
        List<Pin> holding = pins.stream().filter(pin -> pin.holds(oldest)).toList();
        boolean beyondCap = total > options.hardCapBytes();
        if (!holding.isEmpty() && !beyondCap) {
            return false;
        }
        Optional<TableHistory.Kept> kept = history.in(oldest);
        if (kept.isPresent() && !beyondCap) {
            return false;
        }
        for (Pin pin : holding) {
            LOG.warn(
                    "the journal takes {} bytes, more than its hard cap of {}: deleting changes {} to {}, which {} has"
                            + " not seen. Remove cursors nobody uses, or raise the cap",
                    total,
                    options.hardCapBytes(),
                    oldest.firstSeq(),
                    oldest.lastSeq(),
                    pin.name);
            pin.expire.accept(oldest.lastSeq());
        }
        kept.ifPresent(cut -> LOG.warn(
                "the journal takes {} bytes, more than its hard cap of {}: deleting changes {} to {}, though the"
                    + " history of table '{}' is to be {} long and has changes of {} there. Raise the cap, or shorten"
                    + " the history",
                total,
                options.hardCapBytes(),
                oldest.firstSeq(),
                oldest.lastSeq(),
                cut.table(),
                cut.history(),
                cut.newest()));
        return true;
    }

    private boolean delete(Segment oldest) {
        oldest.deleted(true);
        try {
            files.delete(oldest.file());
            // Synced one by one: after a power cut the newer of two must not be gone with the older still there.
            files.syncDirectory(options.directory());
        } catch (IOException e) {
            LOG.warn(
                    "cannot delete journal file {}: {}. History grows until it can be deleted; check the permissions",
                    oldest.file(),
                    e.toString());
            return false;
        }
        segments.remove(oldest);
        LOG.debug("deleted journal file {} with changes up to {}", oldest.file(), oldest.lastSeq());
        return true;
    }
}
