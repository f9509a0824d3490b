package org.millrace.store;

import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.millrace.content.ContentFormats;
import org.millrace.journal.Journal;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Effect;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Precondition;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/**
 * What the writer decides together: takes requests one by one, decides each against the newest state, which includes
 * what earlier requests of the batch did, and collects the changes. Nothing is visible to anyone else before the writer
 * has made the batch durable. Owned by the writer thread and used again for each batch.
 */
final class Batch {
    /** What the changes of one request may weigh; they are in memory several times over. */
    private static final long MAX_REQUEST_BYTES = 256L << 20;

    private final Overlay overlay;
    private final RecordTree tree;
    private final ContentFormats formats;
    private final Journal journal;
    private final Clock clock;
    private final Conflicts conflicts;

    private final List<Change> changes = new ArrayList<>();
    private final List<Boolean> groupEnds = new ArrayList<>();
    private final List<Pending> states = new ArrayList<>();
    private final Map<Path, Pending> newest = new HashMap<>();
    private final List<Former> undo = new ArrayList<>();
    private volatile RecordRule mergedRule = RecordRule.NONE;
    private long firstSeq;
    private long nowMillis;
    private final LongSupplier now = () -> nowMillis;
    private long bytes;

    /** What {@link #newest} said of a record before the present request. */
    private record Former(Path path, @Nullable Pending state) {}

    Batch(Overlay overlay, RecordTree tree, ContentFormats formats, Journal journal, Clock clock) {
        this.overlay = overlay;
        this.tree = tree;
        this.formats = formats;
        this.journal = journal;
        this.clock = clock;
        this.conflicts = new Conflicts(tree, formats);
    }

    /** Sets what the results of patches must fulfil. Any thread. */
    void mergedRule(RecordRule rule) {
        mergedRule = rule;
    }

    /** Sets what decides between this node's state and another's change. Any thread. */
    void conflictRule(ConflictRule rule) {
        conflicts.rule(rule);
    }

    /** Begins a new batch behind what the journal has. */
    void begin() {
        clear();
        firstSeq = journal.lastSeq() + 1;
        nowMillis = clock.millis();
    }

    /** Lets go of everything. */
    void clear() {
        changes.clear();
        groupEnds.clear();
        states.clear();
        newest.clear();
        undo.clear();
        bytes = 0;
    }

    /** What the changes weigh. A small patch may make a large record of a large record. */
    long bytes() {
        return bytes;
    }

    /** The changes so far, in order. Valid until the next {@link #begin()}. */
    List<Change> changes() {
        return changes;
    }

    /** The states those changes give to records, in order. Valid until the next {@link #begin()}. */
    List<Pending> states() {
        return states;
    }

    /** Adds the changes to the journal's batch. */
    void appendTo(Journal target) {
        for (int i = 0; i < changes.size(); i++) {
            target.append(changes.get(i), groupEnds.get(i));
        }
    }

    /**
     * Decides a request.
     *
     * @return one commit per write
     * @throws ResourceException if one write is refused; the batch is as if the request had never been
     */
    List<Commit> decide(WriteRequest request) {
        return wholly(() -> {
            long beginBytes = bytes;
            List<Write> writes = request.writes();
            if (writes.size() == 1) {
                return List.of(decide(writes.getFirst(), request.source()));
            }
            List<Commit> commits = new ArrayList<>(writes.size());
            for (Write write : writes) {
                commits.add(decide(write, request.source()));
                if (bytes - beginBytes > MAX_REQUEST_BYTES) {
                    throw new ResourceException(
                            ErrorCode.TOO_LARGE,
                            "the changes of one transaction exceed " + (MAX_REQUEST_BYTES >> 20)
                                    + " MiB; split it into smaller ones");
                }
            }
            return List.copyOf(commits);
        });
    }

    /** Adds one group, or leaves the batch as it was. */
    private <T> T wholly(Supplier<T> decision) {
        undo.clear();
        int begin = changes.size();
        int beginStates = states.size();
        long beginBytes = bytes;
        try {
            T decided = decision.get();
            endGroup();
            return decided;
        } catch (RuntimeException e) {
            changes.subList(begin, changes.size()).clear();
            states.subList(beginStates, states.size()).clear();
            bytes = beginBytes;
            for (Former former : undo.reversed()) {
                if (former.state() == null) {
                    newest.remove(former.path());
                } else {
                    newest.put(former.path(), former.state());
                }
            }
            throw e;
        }
    }

    /** Which changes of a foreign request prevailed, and how many did not. */
    record Taken(List<Change> changes, int superseded) {}

    /**
     * Takes over changes of other nodes, with their versions.
     *
     * @throws ResourceException INVALID if one comes from too far in the future; the batch is as if the request had never
     *     been
     */
    Taken decide(ForeignRequest request) {
        return wholly(() -> {
            List<Change> taken = new ArrayList<>(request.changes().size());
            int superseded = 0;
            for (Change arriving : request.changes()) {
                journal.clock().observe(arriving.version().clock());
                if (!arriving.kind().altersRecord()) {
                    Change event = Conflicts.asItIs(arriving, nextCursor());
                    changes.add(event);
                    bytes += event.content().map(Content::size).orElse(0);
                    taken.add(event);
                    continue;
                }
                byte[] key = RecordKey.of(arriving.path());
                Change change = conflicts.resolve(arriving, key, pending(arriving.path()), nextCursor());
                if (change == null) {
                    superseded++;
                } else {
                    add(change, key);
                    taken.add(change);
                }
            }
            request.along().forEach(write -> decide(write, ""));
            return new Taken(List.copyOf(taken), superseded);
        });
    }

    /** Removes the record if its time has run out. */
    void expire(Path path) {
        byte[] key = RecordKey.of(path);
        Standing standing = stored(path, key);
        if (standing != null && standing.isExpired(nowMillis)) {
            // Where there are other nodes each lets the record expire by itself. The removal keeps the record's version
            // then, so that it is the same for all and anything later than the record prevails everywhere.
            Version version = tree.tombstones().areKept() ? standing.version() : nextVersion();
            add(Change.of(ChangeKind.EXPIRE, path, version, nextCursor()).build(), key);
            endGroup();
        }
    }

    private void endGroup() {
        while (groupEnds.size() < changes.size()) {
            groupEnds.add(groupEnds.size() == changes.size() - 1);
        }
    }

    private Commit decide(Write write, String source) {
        return switch (write) {
            case Write.Put(Path path, Content content, WriteOptions options) -> {
                byte[] key = RecordKey.of(path);
                Standing present = present(path, key);
                Preconditions.check(options.precondition(), path, present);
                yield alter(
                        change(ChangeKind.PUT, path, options, source).content(content), key, effect(present != null));
            }
            case Write.Patch(Path path, Content patch, WriteOptions options) -> {
                byte[] key = RecordKey.of(path);
                StoredEntry base = entry(path);
                Preconditions.check(options.precondition(), path, base == null ? null : Standing.of(base));
                Content merged =
                        formats.merge(base == null ? null : base.entry().content(), patch);
                mergedRule.check(path, merged);
                Change.Builder change = change(ChangeKind.PATCH, path, options, source);
                Conflicts.Patched patched = conflicts.patched(
                        path,
                        key,
                        pending(path),
                        base,
                        patch,
                        merged,
                        FieldVersionsCodec.without(options.properties()),
                        new Version(journal.clock().last(), journal.node()));
                yield alter(
                        change.content(patched.content()).patch(patch).properties(patched.properties()),
                        key,
                        effect(base != null));
            }
            case Write.Delete(Path path, WriteOptions options) -> {
                byte[] key = RecordKey.of(path);
                Standing present = present(path, key);
                Preconditions.check(options.precondition(), path, present);
                yield present == null
                        ? new Commit(path, Effect.UNCHANGED, Version.NONE, new Cursor(journal.node(), nextSeq() - 1))
                        : alter(change(ChangeKind.DELETE, path, options, source), key, Effect.DELETED);
            }
            case Write.Publish(Path path, Content content, WriteOptions options) -> {
                if (options.precondition() != Precondition.NONE) {
                    Preconditions.check(options.precondition(), path, present(path, RecordKey.of(path)));
                }
                Change event = change(ChangeKind.EVENT, path, options, source)
                        .content(content)
                        .build();
                changes.add(event);
                bytes += content.size();
                yield new Commit(path, Effect.PUBLISHED, event.version(), event.cursor());
            }
        };
    }

    private static Effect effect(boolean wasPresent) {
        return wasPresent ? Effect.REPLACED : Effect.CREATED;
    }

    private Commit alter(Change.Builder builder, byte[] key, Effect effect) {
        Change change = builder.build();
        add(change, key);
        return new Commit(change.path(), effect, change.version(), change.cursor());
    }

    private void add(Change change, byte[] key) {
        Pending state = Pending.of(key, change);
        changes.add(change);
        states.add(state);
        bytes += state.weight() + change.patch().map(Content::size).orElse(0);
        undo.add(new Former(change.path(), newest.put(change.path(), state)));
    }

    private Change.Builder change(ChangeKind kind, Path path, WriteOptions options, String source) {
        return Change.of(kind, path, nextVersion(), nextCursor())
                .properties(FieldVersionsCodec.without(options.properties()))
                .expiresAt(Expiry.kept(options.expiresAt()))
                .qos(options.qos())
                .source(source);
    }

    private long nextSeq() {
        return firstSeq + changes.size();
    }

    private Cursor nextCursor() {
        return new Cursor(journal.node(), nextSeq());
    }

    private Version nextVersion() {
        return new Version(journal.clock().next(), journal.node());
    }

    private @Nullable Pending pending(Path path) {
        Pending decided = newest.get(path);
        return decided != null ? decided : overlay.view().find(path);
    }

    /** The record as it is stored, its time run out or not. */
    private @Nullable Standing stored(Path path, byte[] key) {
        Pending pending = pending(path);
        if (pending == null) {
            return tree.standing(key);
        }
        return pending.entry() == null ? null : Standing.of(pending.entry());
    }

    private @Nullable Standing present(Path path, byte[] key) {
        Standing standing = stored(path, key);
        return standing == null || standing.isExpired(nowMillis) ? null : standing;
    }

    private @Nullable StoredEntry entry(Path path) {
        Pending pending = pending(path);
        if (pending == null) {
            return tree.get(path, now);
        }
        StoredEntry entry = pending.entry();
        return entry == null || Standing.of(entry).isExpired(nowMillis) ? null : entry;
    }
}
