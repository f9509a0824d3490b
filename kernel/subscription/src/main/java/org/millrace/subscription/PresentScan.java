package org.millrace.subscription;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Gap;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.store.ScanRange;
import org.millrace.store.StoredEntry;

/**
 * How far a subscription has been shown the present state. Between slices it holds a path and no part of the store.
 * Owned by whoever owns the subscription.
 */
final class PresentScan {
    private final Watermarks watermarks;
    private final long gapAfter;
    private boolean begun;
    private long since;
    private int part;
    private @Nullable Path shownTo;

    private PresentScan(List<TopicFilter> filters, Comparator<Path> order, long gapAfter) {
        this.watermarks = new Watermarks(filters, order);
        this.gapAfter = gapAfter;
    }

    static PresentScan first(List<TopicFilter> filters, Comparator<Path> order) {
        return new PresentScan(filters, order, -1);
    }

    /** A scan that begins with a gap. */
    static PresentScan after(long lastSeen, List<TopicFilter> filters, Comparator<Path> order) {
        return new PresentScan(filters, order, lastSeen);
    }

    /** The place from which the shown state and the changes behind it go on. */
    long since() {
        return since;
    }

    /** The last place before the gap that this scan bridges; negative if it bridges none. */
    long gapAfter() {
        return gapAfter;
    }

    /** What the subscriber misses, having seen all up to a place if this scan bridges no other gap. */
    Gap gap(long node, long seenTo) {
        return new Gap(
                new Cursor(node, gapAfter < 0 ? seenTo : gapAfter),
                new Cursor(node, since),
                "the subscriber was too slow; the present state follows");
    }

    Watermarks watermarks() {
        return watermarks;
    }

    /**
     * Notes the place to begin at, before anything is read.
     *
     * @return false if the scan had begun
     */
    boolean begin(long publishedSeq) {
        if (begun) {
            return false;
        }
        begun = true;
        since = publishedSeq;
        return true;
    }

    /** Shows the next slice. May touch the disk. */
    Progress slice(
            ChangeSubscription to,
            ChangeSource changes,
            RecordSource records,
            SubscriptionOptions options,
            Outbox out) {
        if (part == watermarks.parts()) {
            return Progress.DONE;
        }
        // First the place, then the records: all that is published is visible in them, so none falls between.
        long watermark = changes.publishedSeq();
        Stretch stretch = watermarks.stretch(part);
        List<StoredEntry> slice = read(stretch, records, to.sliceSize(options.sliceRecords()), options.sliceBytes());
        boolean passedAny = false;
        for (StoredEntry record : slice) {
            Path path = record.entry().path();
            // A record that an earlier part has shown is not this part's, in whatever newer state it is found here.
            if (watermarks.partOf(path) == part) {
                if (isShown(record.entry(), to.interest()) && !to.offerPresent(shown(record, changes.node()), out)) {
                    if (passedAny) {
                        watermarks.mark(part, shownTo, watermark);
                    }
                    return Progress.STARVED;
                }
                if (record.seq() > watermark) {
                    watermarks.newer(path, record.seq());
                }
            }
            shownTo = path;
            passedAny = true;
        }
        if (slice.isEmpty() || stretch instanceof Stretch.Point) {
            watermarks.mark(part++, null, watermark);
            shownTo = null;
        } else {
            watermarks.mark(part, shownTo, watermark);
        }
        return part == watermarks.parts() ? Progress.DONE : Progress.MORE;
    }

    private List<StoredEntry> read(Stretch stretch, RecordSource records, int maxRecords, int maxBytes) {
        return switch (stretch) {
            case Stretch.Point(Path path) -> {
                StoredEntry record = records.get(path);
                yield record == null ? List.of() : List.of(record);
            }
            case Stretch.Below below -> records.scan(below.range(), shownTo, maxRecords, maxBytes);
            case Stretch.Everything() -> records.scan(ScanRange.NON_SYSTEM, shownTo, maxRecords, maxBytes);
        };
    }

    private static boolean isShown(Entry record, Interest interest) {
        return interest.isVisible(record.path()) && interest.accepts(record.path(), record.content());
    }

    private static Signal.Show shown(StoredEntry record, long node) {
        Entry entry = record.entry();
        Change change = Change.of(ChangeKind.PUT, entry.path(), entry.version(), new Cursor(node, record.seq()))
                .content(entry.content())
                .properties(entry.properties())
                .expiresAt(entry.expiresAt())
                .qos(entry.qos())
                .build();
        return new Signal.Show(change, Reason.CURRENT);
    }
}
