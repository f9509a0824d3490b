package org.millrace.content;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * A content being patched. Opens maps and arrays only on the way to what a patch changes, and one level at a time.
 *
 * <p>Used by one thread, for one patch. A small patch can ask for much work (copying, comparing and opening large values
 * over and over), so the bytes handled are counted and bounded by a multiple of the largest content.
 */
final class PatchTree {
    private static final int WORK_PER_BYTE_OF_LIMIT = 16;

    private final StructuredFormat format;
    private final int maxSize;
    private long work;
    private @Nullable PatchNode root;

    PatchTree(StructuredFormat format, @Nullable Slice base, int maxSize) {
        this.format = format;
        this.root = base;
        this.maxSize = maxSize;
        this.work = (long) WORK_PER_BYTE_OF_LIMIT * maxSize;
    }

    /** The whole, opened; null if there is nothing. */
    @Nullable
    PatchNode root() {
        if (root instanceof Slice slice) {
            root = open(slice);
        }
        return root;
    }

    void root(PatchNode node) {
        root = node;
    }

    /** RFC 7396 section 2. */
    void merge(Slice patch) {
        root = merge(root, patch);
    }

    private PatchNode merge(@Nullable PatchNode target, Slice patch) {
        if (!(open(patch) instanceof PatchNode.Struct changes)) {
            return patch;
        }
        PatchNode opened = target instanceof Slice slice ? open(slice) : target;
        PatchNode.Struct result = opened instanceof PatchNode.Struct struct ? struct : new PatchNode.Struct();
        changes.members().forEach((name, change) -> {
            // A patch just opened holds nothing but slices.
            Slice value = (Slice) change.value();
            PatchNode.Member present = result.members().get(name);
            if (value.first() == Token.NULL) {
                result.members().remove(name);
            } else {
                result.members()
                        .put(
                                name,
                                new PatchNode.Member(
                                        present == null ? change.name() : present.name(),
                                        merge(present == null ? null : present.value(), value)));
            }
        });
        return result;
    }

    /** A map or an array with its members or items as slices; the slice itself if it is a scalar. */
    PatchNode open(Slice slice) {
        Token first = slice.first();
        if (first != Token.MAP_START && first != Token.ARRAY_START) {
            return slice;
        }
        spend(slice.length());
        try (ValueReader reader = slice.reader()) {
            reader.next();
            return first == Token.MAP_START ? openMap(slice, reader) : openArray(slice, reader);
        }
    }

    private static PatchNode.Struct openMap(Slice slice, ValueReader reader) {
        PatchNode.Struct struct = new PatchNode.Struct();
        for (Token token = reader.next(); token != Token.MAP_END; token = reader.next()) {
            String text = reader.text();
            Slice name = slice.format() == StructuredFormat.JSON
                    ? null
                    : new Slice(slice.format(), slice.bytes(), reader.start(), reader.end());
            reader.next();
            struct.members().put(text, new PatchNode.Member(name, slice(slice, reader)));
        }
        return struct;
    }

    private static PatchNode.Array openArray(Slice slice, ValueReader reader) {
        PatchNode.Array array = new PatchNode.Array();
        while (reader.next() != Token.ARRAY_END) {
            array.items().add(slice(slice, reader));
        }
        return array;
    }

    private static Slice slice(Slice whole, ValueReader reader) {
        int from = reader.start();
        reader.skipChildren();
        return new Slice(whole.format(), whole.bytes(), from, reader.end());
    }

    /** The value as bytes of its own, so that it can stand in two places. */
    Slice freeze(PatchNode node) {
        if (node instanceof Slice slice) {
            return slice;
        }
        byte[] bytes = write(node, format);
        return new Slice(format, bytes, 0, bytes.length);
    }

    /** A whole number as a value of this content. */
    Slice whole(long number) {
        ValueWriter out = format.writer();
        out.integer(number);
        byte[] bytes = out.finish();
        return new Slice(format, bytes, 0, bytes.length);
    }

    /** Whether a value is equal to one of a JSON patch (RFC 6902 section 4.6), in the terms of JSON. */
    boolean isEqual(PatchNode node, Slice expected) {
        spend(expected.length());
        byte[] json = write(node, StructuredFormat.JSON);
        return new Slice(StructuredFormat.JSON, json, 0, json.length).value().equals(expected.value());
    }

    /** The patched content's bytes. */
    byte[] write() {
        if (root == null) {
            throw new IllegalStateException("the patch left nothing");
        }
        return write(root, format);
    }

    private byte[] write(PatchNode node, StructuredFormat target) {
        ValueWriter out = target.writer();
        write(node, target, out);
        byte[] bytes = out.finish();
        checkSize(bytes.length);
        spend(bytes.length);
        return bytes;
    }

    private void write(PatchNode node, StructuredFormat target, ValueWriter out) {
        checkSize(out.size());
        switch (node) {
            case Slice slice when slice.format() == target -> out.raw(slice.bytes(), slice.from(), slice.to());
            case Slice slice -> {
                try (ValueReader in = slice.reader()) {
                    out.copy(in);
                }
            }
            case PatchNode.Array array -> {
                out.startArray();
                for (PatchNode item : array.items()) {
                    write(item, target, out);
                }
                out.endArray();
            }
            case PatchNode.Struct struct -> {
                out.startMap();
                for (Map.Entry<String, PatchNode.Member> entry :
                        struct.members().entrySet()) {
                    PatchNode.Member member = entry.getValue();
                    Slice name = member.name();
                    if (name != null && name.format() == target && out instanceof BinaryWriter binary) {
                        binary.rawKey(name.bytes(), name.from(), name.to());
                    } else {
                        out.key(entry.getKey());
                    }
                    write(member.value(), target, out);
                }
                out.endMap();
            }
        }
    }

    private void checkSize(int size) {
        if (size > maxSize) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE, "the patched content has more than the " + maxSize + " bytes allowed");
        }
    }

    /** Counts work against the bound. */
    void spend(int bytes) {
        work -= bytes;
        if (work < 0) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE,
                    "the patch handles more than " + WORK_PER_BYTE_OF_LIMIT
                            + " times the largest content; split it or put the whole content");
        }
    }
}
