package org.millrace.testkit;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Effect;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** The records and every change to them, behind one lock. */
final class MemoryTree {
    static final long NODE = 0x7e57;

    final ReentrantLock lock = new ReentrantLock();
    private final Clock clock;
    private final MemoryContents contents;
    private final CopyOnWriteArrayList<MemorySubscription> subscriptions = new CopyOnWriteArrayList<>();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicLong deliveredBytes = new AtomicLong();

    /** Guarded by {@link #lock}, as is all that follows. */
    private final TreeMap<Path, Entry> records = new TreeMap<>();

    private final List<Change> log = new ArrayList<>();
    private long seq;
    private long lastClock;

    MemoryTree(Clock clock, MemoryContents contents) {
        this.clock = clock;
        this.contents = contents;
    }

    /** Counts content that a subscription or query gives to its subscriber. */
    void delivered(Content content) {
        deliveredBytes.addAndGet(content.size());
    }

    long deliveredBytes() {
        return deliveredBytes.get();
    }

    Optional<Entry> get(Path path) {
        expire();
        lock.lock();
        try {
            return Optional.ofNullable(records.get(path));
        } finally {
            lock.unlock();
        }
    }

    List<Entry> matching(List<TopicFilter> filters) {
        expire();
        lock.lock();
        try {
            return records.values().stream()
                    .filter(e -> filters.stream().anyMatch(f -> f.matches(e.path())))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    List<Entry> table(String table, String after) {
        expire();
        lock.lock();
        try {
            return records.values().stream()
                    .filter(e -> e.path().table().equals(table))
                    .filter(e -> after.isEmpty() || e.path().compareTo(Path.of(table, after)) > 0)
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    BiPredicate<Path, Content> condition(String query) {
        return contents.condition(query);
    }

    Path newPath(String table) {
        return Path.of(table, String.format("%012x%04x", clock.millis(), ids.incrementAndGet() & 0xffff));
    }

    /** Applies writes as one; nothing is kept if one is refused. */
    List<Commit> apply(List<Write> writes, String source) {
        expire();
        List<Commit> commits = new ArrayList<>(writes.size());
        lock.lock();
        try {
            TreeMap<Path, Entry> before = writes.size() == 1 ? records : new TreeMap<>(records);
            int logged = log.size();
            try {
                for (Write write : writes) {
                    commits.add(apply(write, source));
                }
            } catch (ResourceException e) {
                if (before != records) {
                    records.clear();
                    records.putAll(before);
                    log.subList(logged, log.size()).clear();
                    seq = log.isEmpty() ? 0 : log.getLast().cursor().position();
                }
                throw e;
            }
            List<Change> fresh = List.copyOf(log.subList(logged, log.size()));
            subscriptions.forEach(s -> s.added(fresh, logged));
        } finally {
            lock.unlock();
        }
        subscriptions.forEach(MemorySubscription::schedule);
        return commits;
    }

    private Commit apply(Write write, String source) {
        Path path = write.path();
        WriteOptions options = write.options();
        @Nullable Entry old = records.get(path);
        check(options.precondition(), old, path);
        return switch (write) {
            case Write.Put put -> {
                Change.Builder change =
                        change(ChangeKind.PUT, path, options, source).content(put.content());
                yield alter(change, old);
            }
            case Write.Patch patch -> {
                if (old != null && !old.content().isStructured()) {
                    throw new ResourceException(
                            ErrorCode.CONFLICT,
                            "'" + path + "' holds " + old.content().mediaType() + ", which cannot be patched");
                }
                var merged = contents.merge(old == null ? null : old.content(), patch.patch());
                Change.Builder change = change(ChangeKind.PATCH, path, options, source)
                        .content(merged)
                        .patch(patch.patch());
                yield alter(change, old);
            }
            case Write.Delete _ -> {
                if (old == null) {
                    yield new Commit(path, Effect.UNCHANGED, Version.NONE, head());
                }
                yield alter(change(ChangeKind.DELETE, path, options, source), old);
            }
            case Write.Publish publish -> {
                Change change = change(ChangeKind.EVENT, path, options, source)
                        .content(publish.content())
                        .build();
                log.add(change);
                yield new Commit(path, Effect.PUBLISHED, change.version(), change.cursor());
            }
        };
    }

    private Commit alter(Change.Builder builder, @Nullable Entry old) {
        Change change = builder.build();
        log.add(change);
        change.content()
                .ifPresentOrElse(
                        content -> records.put(
                                change.path(),
                                new Entry(
                                        change.path(),
                                        content,
                                        change.version(),
                                        change.properties(),
                                        change.expiresAt(),
                                        change.qos())),
                        () -> records.remove(change.path()));
        Effect effect = change.kind().removesRecord() ? Effect.DELETED : old == null ? Effect.CREATED : Effect.REPLACED;
        return new Commit(change.path(), effect, change.version(), change.cursor());
    }

    private Change.Builder change(ChangeKind kind, Path path, WriteOptions options, String source) {
        lastClock = Math.max(lastClock + 1, clock.millis() << 16);
        boolean transientEvent = kind == ChangeKind.EVENT && options.durability() == Durability.MEMORY;
        if (!transientEvent) {
            seq++;
        }
        Change.Builder change = Change.of(kind, path, new Version(lastClock, NODE), head())
                .properties(options.properties())
                .expiresAt(options.expiresAt())
                .qos(options.qos())
                .source(source);
        return transientEvent ? change.unjournaled() : change;
    }

    private static void check(Precondition precondition, @Nullable Entry old, Path path) {
        boolean holds = switch (precondition) {
            case Precondition.None _ -> true;
            case Precondition.Absent _ -> old == null;
            case Precondition.Present _ -> old != null;
            case Precondition.AnyOf any -> old != null && any.versions().contains(old.version());
            case Precondition.NoneOf none -> old == null || !none.versions().contains(old.version());
        };
        if (!holds) {
            throw new ResourceException(
                    ErrorCode.PRECONDITION_FAILED,
                    "'" + path + "' is " + (old == null ? "absent" : "at version " + old.version()) + ", not as asked");
        }
    }

    /** Lets records go whose time has come. */
    private void expire() {
        lock.lock();
        try {
            var now = clock.instant();
            int logged = log.size();
            List<Entry> over = records.values().stream()
                    .filter(e -> !e.expiresAt().isAfter(now))
                    .toList();
            over.forEach(e -> alter(change(ChangeKind.EXPIRE, e.path(), WriteOptions.DEFAULT, ""), e));
            if (over.isEmpty()) {
                return;
            }
            List<Change> fresh = List.copyOf(log.subList(logged, log.size()));
            subscriptions.forEach(s -> s.added(fresh, logged));
        } finally {
            lock.unlock();
        }
        subscriptions.forEach(MemorySubscription::schedule);
    }

    /** The newest change's place, for those who do not hold the lock. */
    Cursor place() {
        lock.lock();
        try {
            return head();
        } finally {
            lock.unlock();
        }
    }

    Cursor head() {
        return new Cursor(NODE, seq);
    }

    /** The log's size; the caller holds the lock. */
    int logSize() {
        return log.size();
    }

    /** A logged change; the caller holds the lock. */
    Change logged(int index) {
        return log.get(index);
    }

    /** The first index behind a cursor; the caller holds the lock. */
    int indexAfter(Cursor cursor) {
        if (cursor.node() != NODE || cursor.position() > seq) {
            throw new ResourceException(ErrorCode.INVALID, "cursor " + cursor + " is not of this host");
        }
        int index = 0;
        while (index < log.size() && log.get(index).cursor().position() <= cursor.position()) {
            index++;
        }
        return index;
    }

    void add(MemorySubscription subscription) {
        subscriptions.add(subscription);
    }

    void remove(MemorySubscription subscription) {
        subscriptions.remove(subscription);
    }

    int count(Path path) {
        return (int) subscriptions.stream().filter(s -> s.matches(path)).count();
    }

    Map<Path, Entry> records() {
        lock.lock();
        try {
            return new TreeMap<>(records);
        } finally {
            lock.unlock();
        }
    }

    void close() {
        subscriptions.forEach(s -> s.fail(new ResourceException(ErrorCode.UNAVAILABLE, "the host stops")));
    }
}
