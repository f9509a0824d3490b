package org.millrace.content;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;

/**
 * Puts a content together out of a base and fields of others. Whatever was on the way to a field is an object then, with
 * its members in the order of their names: so the bytes depend on what was put together, and not on the order in which
 * that was done. Used by one thread, for one content.
 */
final class FieldAssembly {
    // The parts were bounded when they came in.
    private static final int UNBOUNDED = Integer.MAX_VALUE;

    private final StructuredFormat format;
    private final PatchTree tree;
    private final Map<Content, PatchTree> sources = new HashMap<>();

    /** Begins with a base, which is opened only where fields are placed; an opaque one counts as none. */
    FieldAssembly(@Nullable Content base, MediaType type) {
        StructuredFormat wanted = StructuredFormat.of(type);
        if (wanted == null) {
            throw new IllegalArgumentException(type + " has no fields");
        }
        this.format = wanted;
        this.tree = tree(base);
    }

    private PatchTree tree(@Nullable Content content) {
        StructuredContent structured = content == null ? null : StructuredContent.from(content);
        if (structured != null && structured.format() != format) {
            structured = StructuredContent.from(structured.as(format.mediaType()));
        }
        return new PatchTree(format, structured == null ? null : Slice.of(structured), UNBOUNDED);
    }

    /** Places a field. */
    void place(FieldPlacement placement) {
        JsonPointer place = JsonPointer.parse(placement.pointer());
        Content from = placement.from();
        Slice value =
                from == null ? tree.whole(placement.number()) : find(sources.computeIfAbsent(from, this::tree), place);
        Map<String, PatchNode.Member> members = object(place.parent()).members();
        if (value == null) {
            members.remove(place.last());
        } else {
            PatchNode.Member present = members.get(place.last());
            members.put(place.last(), new PatchNode.Member(present == null ? null : present.name(), value));
        }
    }

    /** The object at a place, made if there is none. */
    private PatchNode.Struct object(JsonPointer place) {
        PatchNode.Struct object;
        if (tree.root() instanceof PatchNode.Struct present) {
            object = present;
        } else {
            object = new PatchNode.Struct();
            tree.root(object);
        }
        for (String name : place.tokens()) {
            object = child(object, name);
        }
        return object;
    }

    private PatchNode.Struct child(PatchNode.Struct object, String name) {
        PatchNode.Member member = object.members().get(name);
        PatchNode opened = member != null && member.value() instanceof Slice slice
                ? tree.open(slice)
                : member == null ? null : member.value();
        PatchNode.Struct child = opened instanceof PatchNode.Struct struct ? struct : new PatchNode.Struct();
        object.members().put(name, new PatchNode.Member(member == null ? null : member.name(), child));
        return child;
    }

    private static @Nullable Slice find(PatchTree tree, JsonPointer place) {
        PatchNode node = tree.root();
        for (String name : place.tokens()) {
            if (!(node instanceof PatchNode.Struct object)) {
                return null;
            }
            PatchNode.Member member = object.members().get(name);
            if (member == null) {
                return null;
            }
            node = member.value();
            if (node instanceof Slice slice) {
                node = tree.open(slice);
                object.members().put(name, new PatchNode.Member(member.name(), node));
            }
        }
        return node == null ? null : tree.freeze(node);
    }

    /** Brings what is on the way to some fields into the order of names. */
    void order(List<String> pointers) {
        Set<String> objects = new TreeSet<>();
        for (String pointer : pointers) {
            for (int slash = pointer.lastIndexOf('/'); slash >= 0; slash = pointer.lastIndexOf('/', slash - 1)) {
                objects.add(pointer.substring(0, slash));
            }
        }
        for (String place : objects) {
            PatchNode.Struct object = object(JsonPointer.parse(place));
            Map<String, PatchNode.Member> sorted = new TreeMap<>(object.members());
            object.members().clear();
            object.members().putAll(sorted);
        }
    }

    byte[] write() {
        return tree.write();
    }
}
