package org.millrace.host.resources;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Qos;
import org.millrace.store.RecordStore;
import org.millrace.store.ScanRange;
import org.millrace.store.StoredEntry;
import org.millrace.subscription.ChangeSource;
import org.millrace.subscription.RecordSource;

/**
 * The present state that subscriptions begin with: the store's records, and beside them those of the {@link
 * SystemResources} that are followed. Of the latter there are few, and they are made only for who asks for the system's.
 */
public final class PresentRecords implements RecordSource {
    private final RecordSource stored;
    private final ChangeSource changes;
    private final SystemResources system;

    /**
     * Brings them together.
     *
     * @param store the records
     * @param changes knows the place in the journal that a computed record is as new as
     * @param system resources that are computed
     */
    public PresentRecords(RecordStore store, ChangeSource changes, SystemResources system) {
        this.stored = RecordSource.of(store);
        this.changes = changes;
        this.system = system;
    }

    @Override
    public @Nullable StoredEntry get(Path path) {
        StoredEntry found = stored.get(path);
        return found != null || !isSystem(path.toString())
                ? found
                : system.followedAt(path).map(this::now).orElse(null);
    }

    @Override
    public List<StoredEntry> scan(ScanRange range, @Nullable Path after, int maxEntries, int maxBytes) {
        List<StoredEntry> slice = stored.scan(range, after, maxEntries, maxBytes);
        String prefix = switch (range) {
            case ScanRange.NonSystem _ -> "";
            case ScanRange.Table(String name) -> name + "/";
            case ScanRange.Prefix(String text) -> text;
        };
        return isSystem(prefix) ? merged(slice, system.followed(prefix), after, maxEntries) : slice;
    }

    /** Computed records up to the end of the slice, or all that are left where the store has none. */
    private List<StoredEntry> merged(
            List<StoredEntry> slice, List<Entry> computed, @Nullable Path after, int maxEntries) {
        Path end = slice.isEmpty() ? null : slice.getLast().entry().path();
        List<StoredEntry> all = new ArrayList<>(slice);
        for (Entry entry : computed) {
            boolean isNext = after == null || compare(entry.path(), after) > 0;
            if (isNext && (end == null || compare(entry.path(), end) < 0)) {
                all.add(now(entry));
            }
        }
        all.sort((a, b) -> compare(a.entry().path(), b.entry().path()));
        return all.size() <= maxEntries ? all : List.copyOf(all.subList(0, maxEntries));
    }

    private static boolean isSystem(String text) {
        return text.startsWith("$");
    }

    private StoredEntry now(Entry entry) {
        // Nothing holds it to be sent again, so it is not promised to arrive.
        Entry once = new Entry(
                entry.path(),
                entry.content(),
                entry.version(),
                entry.properties(),
                entry.expiresAt(),
                Qos.AT_MOST_ONCE);
        return new StoredEntry(once, changes.publishedSeq());
    }

    @Override
    public int compare(Path a, Path b) {
        return stored.compare(a, b);
    }
}
