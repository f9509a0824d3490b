package org.millrace.store;

import org.jspecify.annotations.Nullable;
import org.millrace.content.ContentFormats;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Version;

/**
 * What other nodes' changes make of this node's records, and what a patch of this node has to say of itself so that
 * other nodes can do the same. Owned by the writer thread, but for {@link #rule}.
 */
final class Conflicts {
    private final RecordTree tree;
    private final FieldMerge fields;
    private volatile ConflictRule rule;

    /** A patched record: its bytes, and its properties with the versions of its fields among them. */
    record Patched(Content content, Properties properties) {}

    Conflicts(RecordTree tree, ContentFormats formats) {
        this.tree = tree;
        this.fields = new FieldMerge(formats);
        this.rule = fields;
    }

    /** Sets the rule. Any thread. */
    void rule(ConflictRule decides) {
        rule = decides;
    }

    /**
     * Holds a change against what is here.
     *
     * @param pending what is decided and not on disk yet; null if nothing is
     * @param cursor the place the change gets in this node's journal
     * @return the change as it is done here; null if it is left out
     */
    @Nullable
    Change resolve(Change arriving, byte[] key, @Nullable Pending pending, Cursor cursor) {
        RecordState present = known(arriving.path(), key, pending);
        RecordState state = rule.resolve(RecordState.of(arriving), present);
        if (state == present) {
            return null;
        }
        if (state.version().equals(arriving.version())) {
            return asItIs(arriving, cursor);
        }
        // Put together here, as on any other node that has the same parts.
        ChangeKind kind = arriving.kind().removesRecord() ? ChangeKind.PUT : arriving.kind();
        Change.Builder change = Change.of(kind, arriving.path(), state.version(), cursor)
                .properties(state.stored())
                .expiresAt(Expiry.kept(state.expiresAt()))
                .qos(state.qos())
                .source(arriving.source());
        Content content = state.content();
        if (content != null) {
            change.content(content);
        }
        arriving.patch().ifPresent(change::patch);
        return change.build();
    }

    /** The same change, at a place of this node's journal. */
    static Change asItIs(Change arriving, Cursor cursor) {
        Change.Builder change = Change.of(arriving.kind(), arriving.path(), arriving.version(), cursor)
                .properties(arriving.properties())
                .expiresAt(Expiry.kept(arriving.expiresAt()))
                .qos(arriving.qos())
                .source(arriving.source());
        arriving.content().ifPresent(change::content);
        arriving.patch().ifPresent(change::patch);
        return change.build();
    }

    /** The record, its time run out or not, or its removal; null if neither is known. */
    private @Nullable RecordState known(Path path, byte[] key, @Nullable Pending pending) {
        StoredEntry entry = pending == null ? tree.get(path, () -> Long.MIN_VALUE) : pending.entry();
        if (entry != null) {
            return RecordState.of(entry.entry());
        }
        Removal removal = pending == null
                ? tree.tombstones().find(path, key)
                : new Removal(path, pending.version(), pending.ranOut());
        return removal == null ? null : RecordState.of(removal);
    }

    /**
     * A record patched by this node. Among other nodes it says which versions its fields have.
     *
     * @param pending what is decided and not on disk yet; null if nothing is
     * @param base what was patched; null if there was nothing
     * @param properties what the client wants beside it
     * @param version of the patch
     */
    Patched patched(
            Path path,
            byte[] key,
            @Nullable Pending pending,
            @Nullable StoredEntry base,
            Content patch,
            Content merged,
            Properties properties,
            Version version) {
        if (!tree.tombstones().areKept() || InternalPaths.isPrivate(path)) {
            return new Patched(merged, properties);
        }
        RecordState known = base != null ? RecordState.of(base.entry()) : known(path, key, pending);
        RecordState state = fields.patched(known, base != null, patch, merged, version);
        Content content = state.content();
        return new Patched(
                content == null ? merged : content, FieldVersionsCodec.with(properties, state.fields(), version));
    }
}
