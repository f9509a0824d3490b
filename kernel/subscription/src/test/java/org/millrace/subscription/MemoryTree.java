package org.millrace.subscription;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.millrace.journal.ChangeReader;
import org.millrace.spi.plugin.Registration;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.store.ScanRange;
import org.millrace.store.StoredEntry;

/** Journal and store in memory, with the same order of events: a change is in the records before it is published. */
final class MemoryTree implements ChangeSource, RecordSource {
    static final long NODE = 0xBEEF;

    private final List<Change> changes = new ArrayList<>();
    private final TreeMap<Path, StoredEntry> records = new TreeMap<>();
    private final List<Runnable> wakeups = new ArrayList<>();
    private int published;
    private int forgotten;
    /** Called whenever the engine reads, before it reads: where other threads may come in between. */
    private Runnable onRead = () -> {};

    void onRead(Runnable hook) {
        onRead = hook;
    }

    Change put(String path, String text) {
        return accept(ChangeKind.PUT, path, text);
    }

    Change delete(String path) {
        return accept(ChangeKind.DELETE, path, "");
    }

    Change event(String path, String text) {
        return accept(ChangeKind.EVENT, path, text);
    }

    /** Takes a change and publishes it. */
    Change accept(ChangeKind kind, String path, String text) {
        Change change = apply(kind, path, text);
        publish();
        return change;
    }

    /** Takes a change into the records, not yet visible to readers. */
    synchronized Change apply(ChangeKind kind, String path, String text) {
        long seq = changes.size() + 1L;
        Change.Builder builder = Change.of(kind, Path.of(path), new Version(seq << 16, NODE), new Cursor(NODE, seq));
        if (!kind.removesRecord()) {
            builder.content(new TextContent(text));
        }
        Change change = builder.build();
        changes.add(change);
        if (kind.removesRecord()) {
            records.remove(change.path());
        } else if (kind.altersRecord()) {
            records.put(change.path(), new StoredEntry(entry(change), seq));
        }
        return change;
    }

    private static Entry entry(Change change) {
        return new Entry(
                change.path(),
                change.content().orElseThrow(),
                change.version(),
                Properties.NONE,
                WriteOptions.NEVER,
                Qos.EXACTLY_ONCE);
    }

    void publish() {
        List<Runnable> called;
        synchronized (this) {
            published = changes.size();
            called = List.copyOf(wakeups);
        }
        called.forEach(Runnable::run);
    }

    /** Makes an event that is in no journal. */
    synchronized Change passing(String path, String text) {
        return Change.of(ChangeKind.EVENT, Path.of(path), Version.NONE, new Cursor(NODE, published))
                .content(new TextContent(text))
                .build();
    }

    /** Deletes the changes up to a place, as retention does. */
    synchronized void forget(long upTo) {
        forgotten = (int) upTo;
    }

    synchronized List<Change> changes() {
        return List.copyOf(changes);
    }

    synchronized TreeMap<Path, StoredEntry> records() {
        return new TreeMap<>(records);
    }

    @Override
    public long node() {
        return NODE;
    }

    @Override
    public synchronized long publishedSeq() {
        return published;
    }

    @Override
    public synchronized long firstSeq() {
        return forgotten + 1L;
    }

    @Override
    public ChangeReader read(long afterSeq) {
        onRead.run();
        Reader reader = new Reader(afterSeq);
        reader.check();
        return reader;
    }

    @Override
    public synchronized Registration onPublished(Runnable wakeup) {
        wakeups.add(wakeup);
        return () -> {
            synchronized (MemoryTree.this) {
                wakeups.remove(wakeup);
            }
        };
    }

    @Override
    public @Nullable StoredEntry get(Path path) {
        onRead.run();
        synchronized (this) {
            return records.get(path);
        }
    }

    @Override
    public List<StoredEntry> scan(ScanRange range, @Nullable Path after, int maxEntries, int maxBytes) {
        onRead.run();
        synchronized (this) {
            List<StoredEntry> slice = new ArrayList<>();
            for (StoredEntry record : after == null
                    ? records.values()
                    : records.tailMap(after, false).values()) {
                if (slice.size() == maxEntries) {
                    break;
                }
                if (isIn(range, record.entry().path())) {
                    slice.add(record);
                }
            }
            return slice;
        }
    }

    private static boolean isIn(ScanRange range, Path path) {
        return switch (range) {
            case ScanRange.NonSystem() -> !path.isSystem();
            case ScanRange.Table(String name) -> path.table().equals(name);
            case ScanRange.Prefix(String text) -> path.toString().startsWith(text);
        };
    }

    private final class Reader implements ChangeReader {
        private long position;

        Reader(long position) {
            this.position = position;
        }

        void check() {
            synchronized (MemoryTree.this) {
                if (position < forgotten) {
                    throw new ResourceException(ErrorCode.EXPIRED_CURSOR, "seq " + position + " is forgotten");
                }
                if (position > published) {
                    throw new ResourceException(ErrorCode.INVALID, "seq " + position + " is not published");
                }
            }
        }

        @Override
        public @Nullable Change next() {
            onRead.run();
            synchronized (MemoryTree.this) {
                check();
                return position == published ? null : changes.get((int) position++);
            }
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public void close() {}
    }
}
