package org.millrace.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.content.ContentFormats;
import org.millrace.content.Document;
import org.millrace.content.FieldPlacement;
import org.millrace.content.TouchedFields;
import org.millrace.content.Value;
import org.millrace.spi.content.Content;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Qos;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.WriteOptions;

/**
 * The rule of a cluster: the record becomes what it would be if all puts, patches and removals had been done one after
 * another in the order of their versions. So the later put prevails, patches of different fields both do, and of one
 * field the later one does. Increments add up as long as nothing replaces what they were added to.
 *
 * <p>Two states are joined part by part, which gives the same whatever the order and however often: it is commutative,
 * associative and idempotent. Pure.
 */
public final class FieldMerge implements ConflictRule {
    private final ContentFormats formats;

    /**
     * The rule.
     *
     * @param formats puts contents together
     */
    public FieldMerge(ContentFormats formats) {
        this.formats = formats;
    }

    @Override
    public RecordState resolve(RecordState arriving, @Nullable RecordState present) {
        if (present == null) {
            return arriving;
        }
        if (arriving.ranOut() || present.ranOut()) {
            // Each node sees to it by its own clock; it takes the record as it was away, and nothing later.
            return LAST_WRITER_WINS.resolve(arriving, present);
        }
        FieldVersions joined = present.fields().join(arriving.fields());
        if (joined.equals(present.fields())) {
            return present;
        }
        return joined.equals(arriving.fields()) ? arriving : together(joined, arriving, present);
    }

    /**
     * What a patch of this node makes of a record. Its bytes depend on its parts alone, not on the order in which they
     * came together.
     *
     * @param known the record, or its removal; null if nothing is known
     * @param isThere whether there is a record to patch: not if its time has run out
     * @param patch what was merged
     * @param merged what {@link ContentFormats#merge} has made of it
     * @param version of the patch, later than what is known
     * @return the record, without what is stored beside it
     */
    public RecordState patched(
            @Nullable RecordState known, boolean isThere, Content patch, Content merged, Version version) {
        FieldVersions before;
        Content base = null;
        if (known != null && isThere) {
            before = known.fields();
            base = known.content();
        } else {
            before = FieldVersions.whole(known == null ? Version.NONE : known.version());
        }
        FieldVersions fields = before.after(TouchedFields.of(base, patch, merged), version);
        Content content = fields.isWhole()
                ? merged
                : formats.assemble(
                        merged,
                        merged.mediaType(),
                        List.of(),
                        List.copyOf(fields.fields().keySet()));
        return new RecordState(version, content, fields, false, Properties.NONE, WriteOptions.NEVER, Qos.EXACTLY_ONCE);
    }

    private RecordState together(FieldVersions joined, RecordState arriving, RecordState present) {
        boolean isPresentLater =
                present.fields().latest().compareTo(arriving.fields().latest()) >= 0;
        RecordState later = isPresentLater ? present : arriving;
        RecordState base = present.fields().base().compareTo(arriving.fields().base()) >= 0 ? present : arriving;
        RecordState other = base == present ? arriving : present;
        Content latest = later.content();
        // What has the latest part was patched there, and is no removal: that would have replaced all others.
        if (latest == null || !latest.isStructured()) {
            return later;
        }
        List<Map.Entry<String, FieldVersions.Field>> fields =
                new ArrayList<>(joined.fields().entrySet());
        fields.sort(Comparator.comparing((Map.Entry<String, FieldVersions.Field> entry) ->
                        entry.getValue().version())
                .thenComparing(Map.Entry::getKey));
        List<FieldPlacement> placements = new ArrayList<>(fields.size());
        for (Map.Entry<String, FieldVersions.Field> entry : fields) {
            placements.add(placement(entry.getKey(), entry.getValue(), base, other));
        }
        Content content = formats.assemble(
                base.content(),
                latest.mediaType(),
                placements,
                List.copyOf(joined.fields().keySet()));
        return new RecordState(
                joined.mixed(), content, joined, false, later.properties(), later.expiresAt(), later.qos());
    }

    private static FieldPlacement placement(
            String pointer, FieldVersions.Field field, RecordState base, RecordState other) {
        RecordState source = holds(base, pointer, field.version()) ? base : other;
        Content content = source.content();
        if (content == null) {
            throw new IllegalStateException("field '" + pointer + "' of a record that was removed");
        }
        if (field.counts().isEmpty()) {
            return FieldPlacement.of(pointer, content);
        }
        FieldVersions.Field known = source.fields().fields().get(pointer);
        long counted = known == null ? 0 : known.sum();
        return FieldPlacement.of(pointer, number(content, pointer) - counted + field.sum());
    }

    private static boolean holds(RecordState state, String pointer, Version version) {
        FieldVersions.Field field = state.fields().fields().get(pointer);
        return field != null && field.version().equals(version);
    }

    /** What is at a place as a number; 0 if there is none. */
    private static long number(Content content, String pointer) {
        return Document.of(content).at(pointer) instanceof Value.Whole(long whole) ? whole : 0;
    }
}
