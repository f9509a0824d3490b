package org.millrace.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.millrace.content.TouchedFields;
import org.millrace.spi.resource.Version;

/**
 * Which versions the parts of a record have: the record as a whole was written, or removed, with the base version, and
 * the fields named here were patched since. A record that was never patched has none. Immutable.
 *
 * @param base of the last put or removal
 * @param fields by JSON Pointer, in the order of the pointers
 */
public record FieldVersions(Version base, SortedMap<String, Field> fields) {
    /** A patch that would give a record more than this counts as a put. */
    static final int MOST = 256;
    /** A patch of a field whose pointer has more characters counts as a put. */
    static final int LONGEST = 1_024;

    /**
     * A field.
     *
     * @param version of what has set or removed it; for one that was only incremented, of what had set it or anything it
     *     lies in
     * @param counts what nodes have added to it since, by node
     */
    public record Field(Version version, SortedMap<Long, Count> counts) {
        /** Copies the map. */
        public Field {
            counts = new TreeMap<>(counts);
        }

        /** How much all nodes have added. */
        long sum() {
            return counts.values().stream().mapToLong(Count::sum).sum();
        }
    }

    /**
     * What one node has added to a field. Of two of them the later says it all.
     *
     * @param sum of all its increments
     * @param last version of the last one
     */
    public record Count(long sum, Version last) {}

    /** Copies the map. */
    public FieldVersions {
        fields = new TreeMap<>(fields);
    }

    /** Of a record that was put. */
    static FieldVersions whole(Version version) {
        return new FieldVersions(version, new TreeMap<>());
    }

    boolean isWhole() {
        return fields.isEmpty();
    }

    /** The greatest version of any part. */
    Version latest() {
        Version latest = base;
        for (Field field : fields.values()) {
            latest = max(latest, field.version());
            for (Count count : field.counts().values()) {
                latest = max(latest, count.last());
            }
        }
        return latest;
    }

    static Version max(Version a, Version b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    /** After a patch by the node of the version, which must be later than all that is here. */
    FieldVersions after(TouchedFields touched, Version version) {
        boolean tooMuch =
                fields.size() + touched.set().size() + touched.counted().size() > MOST
                        || touched.set().stream().anyMatch(pointer -> pointer.length() > LONGEST)
                        || touched.counted().keySet().stream().anyMatch(pointer -> pointer.length() > LONGEST);
        if (touched.whole() || tooMuch) {
            return whole(version);
        }
        SortedMap<String, Field> after = new TreeMap<>(fields);
        for (String pointer : touched.set()) {
            after.keySet().removeIf(other -> covers(pointer, other));
            after.put(pointer, new Field(version, new TreeMap<>()));
        }
        touched.counted().forEach((pointer, by) -> {
            Field field = after.getOrDefault(pointer, new Field(covering(pointer, after), new TreeMap<>()));
            SortedMap<Long, Count> counts = new TreeMap<>(field.counts());
            Count before = counts.get(version.node());
            counts.put(version.node(), new Count((before == null ? 0 : before.sum()) + by, version));
            after.put(pointer, new Field(field.version(), counts));
        });
        return new FieldVersions(base, after);
    }

    /** The version of what has last set a field, or anything it lies in. */
    private Version covering(String pointer, SortedMap<String, Field> among) {
        Version version = base;
        for (Map.Entry<String, Field> entry : among.entrySet()) {
            if (covers(entry.getKey(), pointer)) {
                version = max(version, entry.getValue().version());
            }
        }
        return version;
    }

    /** Both together: of each part what is latest, without what something later has replaced. */
    FieldVersions join(FieldVersions other) {
        Version later = max(base, other.base);
        SortedMap<String, Field> all = new TreeMap<>(fields);
        other.fields.forEach((pointer, field) -> all.merge(pointer, field, FieldVersions::join));
        // What lies in an object that was replaced later, or was there before the whole was.
        List<String> replaced = new ArrayList<>();
        all.forEach((pointer, field) -> {
            boolean isOld = field.version().compareTo(later) < 0;
            for (int slash = pointer.lastIndexOf('/');
                    slash > 0 && !isOld;
                    slash = pointer.lastIndexOf('/', slash - 1)) {
                Field above = all.get(pointer.substring(0, slash));
                isOld = above != null && above.version().compareTo(field.version()) > 0;
            }
            if (isOld) {
                replaced.add(pointer);
            }
        });
        replaced.forEach(all::remove);
        return new FieldVersions(later, all);
    }

    private static Field join(Field a, Field b) {
        int order = a.version().compareTo(b.version());
        if (order != 0) {
            return order > 0 ? a : b;
        }
        SortedMap<Long, Count> counts = new TreeMap<>(a.counts());
        b.counts()
                .forEach((node, count) -> counts.merge(
                        node, count, (mine, theirs) -> mine.last().compareTo(theirs.last()) >= 0 ? mine : theirs));
        return new Field(a.version(), counts);
    }

    /** Whether a place is another one, or what that one lies in. */
    private static boolean covers(String place, String other) {
        return other.startsWith(place) && (other.length() == place.length() || other.charAt(place.length()) == '/');
    }

    /**
     * What a record is known by that no single node has made as it is: the clock of its latest part, and in place of the
     * node a number that depends on the versions of all its parts.
     */
    Version mixed() {
        long mix = mix(mix(0, base), Version.NONE);
        for (Map.Entry<String, Field> entry : fields.entrySet()) {
            mix = mix(mix ^ entry.getKey().hashCode(), entry.getValue().version());
            for (Count count : entry.getValue().counts().values()) {
                mix = mix(mix, count.last());
            }
        }
        return new Version(latest().clock(), mix);
    }

    /** Stafford's mixing of 64 bits, over what was before and both parts of a version. */
    private static long mix(long before, Version version) {
        long z = before * 31 + version.clock() * 0x9E3779B97F4A7C15L + version.node();
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
