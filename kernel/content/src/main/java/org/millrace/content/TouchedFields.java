package org.millrace.content;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;

/**
 * Which fields of a record a patch has set, removed or incremented, as JSON Pointers (RFC 6901). An array is one field:
 * what a patch does within one it does to the array.
 *
 * @param whole whether the patch stands for the whole record, as one that replaces its root or touches no field at all
 * @param set what was set or removed; none lies within another
 * @param counted what was incremented and not set, with how much was added
 */
public record TouchedFields(boolean whole, Set<String> set, Map<String, Long> counted) {
    private static final TouchedFields WHOLE = new TouchedFields(true, Set.of(), Map.of());

    /**
     * Finds out what a patch has touched.
     *
     * @param base what was patched; null if there was nothing
     * @param patch what {@link ContentFormats#merge} has taken
     * @param merged what it has made
     * @return the fields
     */
    public static TouchedFields of(@Nullable Content base, Content patch, Content merged) {
        Value before = base == null ? Value.MISSING : Document.of(base).root();
        Set<String> set = new TreeSet<>();
        Map<String, Long> counted = new TreeMap<>();
        boolean whole;
        StructuredContent changes = StructuredContent.from(patch);
        if (changes != null && patch.mediaType().equals(MediaType.JSON_PATCH)) {
            whole = operations(
                    JsonPatch.of(changes), before, Document.of(merged).root(), set, counted);
        } else {
            whole = leaves("", Document.of(patch).root(), before, set);
        }
        set.removeIf(pointer -> isWithinAny(pointer, set));
        counted.keySet().removeIf(pointer -> set.contains(pointer) || isWithinAny(pointer, set));
        return whole || set.isEmpty() && counted.isEmpty() ? WHOLE : new TouchedFields(false, set, counted);
    }

    /** RFC 7396: what is no object replaces what is there. Returns whether that is the root. */
    private static boolean leaves(String pointer, Value patch, Value before, Set<String> set) {
        if (!(patch instanceof Value.Struct(Map<String, Value> members))) {
            set.add(pointer);
            return pointer.isEmpty();
        }
        if (members.isEmpty() && !(before instanceof Value.Struct)) {
            set.add(pointer); // makes an object of what was none
            return pointer.isEmpty();
        }
        members.forEach((name, value) ->
                leaves(pointer + new JsonPointer(List.of(name)), value, Document.child(before, name), set));
        return false;
    }

    private static boolean operations(
            JsonPatch patch, Value before, Value after, Set<String> set, Map<String, Long> counted) {
        boolean whole = false;
        for (JsonPatch.Operation operation : patch.operations()) {
            String place = field(operation.path(), before, after);
            switch (operation) {
                case JsonPatch.Test _ -> {}
                case JsonPatch.Increment(JsonPointer path, long by)
                when place.equals(path.toString()) -> counted.merge(place, by, Long::sum);
                case JsonPatch.Move(JsonPointer from, JsonPointer _) -> {
                    set.add(field(from, before, after));
                    set.add(place);
                }
                case JsonPatch.Add _,
                        JsonPatch.Remove _,
                        JsonPatch.Replace _,
                        JsonPatch.Copy _,
                        JsonPatch.Increment _ -> set.add(place);
            }
            whole |= set.contains("");
        }
        return whole;
    }

    /** The place, or the outermost array that it lies in, before or after. */
    private static String field(JsonPointer place, Value before, Value after) {
        Value was = before;
        Value is = after;
        for (int i = 0; i < place.tokens().size(); i++) {
            if (was instanceof Value.Array || is instanceof Value.Array) {
                return new JsonPointer(place.tokens().subList(0, i)).toString();
            }
            was = Document.child(was, place.tokens().get(i));
            is = Document.child(is, place.tokens().get(i));
        }
        return place.toString();
    }

    private static boolean isWithinAny(String pointer, Set<String> others) {
        for (int slash = pointer.lastIndexOf('/'); slash >= 0; slash = pointer.lastIndexOf('/', slash - 1)) {
            if (others.contains(pointer.substring(0, slash))) {
                return true;
            }
        }
        return false;
    }
}
