package org.millrace.content;

import java.util.List;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** Carries out one operation of a JSON Patch on a tree (RFC 6902 section 4). */
final class PatchStep {
    private static final String APPEND = "-";

    private final PatchTree tree;
    private final int number;

    PatchStep(PatchTree tree, int number) {
        this.tree = tree;
        this.number = number;
    }

    void apply(JsonPatch.Operation operation) {
        switch (operation) {
            case JsonPatch.Add(JsonPointer path, Slice value) -> add(path, value);
            case JsonPatch.Remove(JsonPointer path) -> remove(path);
            case JsonPatch.Replace(JsonPointer path, Slice value) -> replace(path, value);
            case JsonPatch.Copy(JsonPointer from, JsonPointer path) -> add(path, tree.freeze(get(from)));
            case JsonPatch.Move(JsonPointer from, JsonPointer path) -> {
                if (from.equals(path)) {
                    get(from);
                } else if (path.isRoot()) {
                    tree.root(get(from));
                } else {
                    add(path, remove(from));
                }
            }
            case JsonPatch.Test(JsonPointer path, Slice value) -> {
                if (!tree.isEqual(get(path), value)) {
                    throw conflict("the value at '" + path + "' is not what the test expects");
                }
            }
            case JsonPatch.Increment(JsonPointer path, long by) -> increment(path, by);
        }
    }

    private void increment(JsonPointer path, long by) {
        if (tree.root() == null) {
            tree.root(new PatchNode.Struct());
        }
        PatchNode container = container(path);
        boolean isNew = container instanceof PatchNode.Struct struct
                && !struct.members().containsKey(path.last());
        Value present = isNew ? new Value.Whole(0) : tree.freeze(get(path)).value();
        if (!(present instanceof Value.Whole(long count))) {
            throw conflict("the value at '" + path + "' is no whole number of 64 bits and cannot be incremented");
        }
        try {
            Slice sum = tree.whole(Math.addExact(count, by));
            if (isNew) {
                add(path, sum);
            } else {
                put(container, path, path.last(), sum);
            }
        } catch (ArithmeticException e) {
            throw conflict("the number at '" + path + "' would leave the range of 64 bits");
        }
    }

    private void add(JsonPointer path, PatchNode value) {
        if (path.isRoot()) {
            tree.root(value);
            return;
        }
        switch (container(path)) {
            case PatchNode.Struct struct -> {
                PatchNode.Member present = struct.members().get(path.last());
                struct.members().put(path.last(), new PatchNode.Member(present == null ? null : present.name(), value));
            }
            case PatchNode.Array array -> {
                List<PatchNode> items = array.items();
                int index = path.last().equals(APPEND) ? items.size() : JsonPointer.index(path.last());
                if (index < 0 || index > items.size()) {
                    throw conflict("'" + path + "' is no place in the array of " + items.size() + " items");
                }
                tree.spend(items.size() - index);
                items.add(index, value);
            }
            case Slice _ -> throw absent(path);
        }
    }

    private PatchNode remove(JsonPointer path) {
        if (path.isRoot()) {
            throw conflict("the whole content cannot be removed by a patch; delete the record");
        }
        return switch (container(path)) {
            case PatchNode.Struct struct -> {
                PatchNode.Member removed = struct.members().remove(path.last());
                if (removed == null) {
                    throw absent(path);
                }
                yield removed.value();
            }
            case PatchNode.Array array -> {
                int index = index(array, path, path.last());
                tree.spend(array.items().size() - index);
                yield array.items().remove(index);
            }
            case Slice _ -> throw absent(path);
        };
    }

    private void replace(JsonPointer path, PatchNode value) {
        if (path.isRoot()) {
            get(path);
            tree.root(value);
            return;
        }
        put(container(path), path, path.last(), value);
    }

    private PatchNode get(JsonPointer path) {
        PatchNode node = tree.root();
        if (node == null) {
            throw absent(path);
        }
        for (String token : path.tokens()) {
            node = child(node, path, token);
        }
        return node;
    }

    /** The map or array that holds the place. */
    private PatchNode container(JsonPointer path) {
        return get(path.parent());
    }

    /** One step down; opens what is there and leaves it opened. */
    private PatchNode child(PatchNode node, JsonPointer path, String token) {
        PatchNode child = switch (node) {
            case PatchNode.Struct struct -> {
                PatchNode.Member member = struct.members().get(token);
                yield member == null ? null : member.value();
            }
            case PatchNode.Array array -> array.items().get(index(array, path, token));
            case Slice _ -> null;
        };
        if (child == null) {
            throw absent(path);
        }
        if (child instanceof Slice slice) {
            child = tree.open(slice);
            put(node, path, token, child);
        }
        return child;
    }

    private void put(PatchNode container, JsonPointer path, String token, PatchNode value) {
        switch (container) {
            case PatchNode.Struct struct -> {
                PatchNode.Member present = struct.members().get(token);
                if (present == null) {
                    throw absent(path);
                }
                struct.members().put(token, new PatchNode.Member(present.name(), value));
            }
            case PatchNode.Array array -> array.items().set(index(array, path, token), value);
            case Slice _ -> throw absent(path);
        }
    }

    private int index(PatchNode.Array array, JsonPointer path, String token) {
        int index = JsonPointer.index(token);
        if (index < 0 || index >= array.items().size()) {
            throw absent(path);
        }
        return index;
    }

    private ResourceException absent(JsonPointer path) {
        return conflict("there is nothing at '" + path + "'");
    }

    private ResourceException conflict(String what) {
        return new ResourceException(ErrorCode.CONFLICT, "operation " + number + " of the JSON Patch: " + what);
    }
}
