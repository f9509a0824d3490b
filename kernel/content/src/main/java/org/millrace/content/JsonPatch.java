package org.millrace.content;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * The operations of a JSON Patch (RFC 6902), all of which apply or none: the tree of a patch that failed is thrown away.
 * Beyond the RFC there is {@code increment}, which adds a whole number to what is there.
 *
 * @param operations in the order they apply
 */
record JsonPatch(List<Operation> operations) {
    /** One operation on a place. */
    sealed interface Operation {
        JsonPointer path();
    }

    record Add(JsonPointer path, Slice value) implements Operation {}

    record Remove(JsonPointer path) implements Operation {}

    record Replace(JsonPointer path, Slice value) implements Operation {}

    record Move(JsonPointer from, JsonPointer path) implements Operation {}

    record Copy(JsonPointer from, JsonPointer path) implements Operation {}

    record Test(JsonPointer path, Slice value) implements Operation {}

    /** Adds to the whole number there; where nothing is, to 0. */
    record Increment(JsonPointer path, long by) implements Operation {}

    /** Reads a patch (RFC 6902 section 3). */
    static JsonPatch of(StructuredContent content) {
        Slice all = Slice.of(content);
        List<Operation> operations = new ArrayList<>();
        try (ValueReader reader = all.reader()) {
            if (reader.next() != Token.ARRAY_START) {
                throw invalid("a JSON Patch is an array of operations");
            }
            for (Token token = reader.next(); token != Token.ARRAY_END; token = reader.next()) {
                if (token != Token.MAP_START) {
                    throw invalid("operation " + operations.size() + " is no object");
                }
                operations.add(operation(operations.size(), all, reader));
            }
        }
        return new JsonPatch(operations);
    }

    private static Operation operation(int number, Slice all, ValueReader reader) {
        Map<String, String> texts = new HashMap<>();
        Slice value = null;
        while (reader.next() != Token.MAP_END) {
            String name = reader.text();
            Token token = reader.next();
            switch (name) {
                case "op", "path", "from" -> {
                    if (token != Token.TEXT) {
                        throw invalid("operation " + number + ": '" + name + "' is no string");
                    }
                    if (texts.put(name, reader.text()) != null) {
                        throw twice(number, name);
                    }
                }
                case "value" -> {
                    if (value != null) {
                        throw twice(number, name);
                    }
                    int from = reader.start();
                    reader.skipChildren();
                    value = new Slice(all.format(), all.bytes(), from, reader.end());
                }
                // Other members are ignored (RFC 6902 section 4).
                default -> reader.skipChildren();
            }
        }
        String op = text(number, texts, "op");
        JsonPointer path = JsonPointer.parse(text(number, texts, "path"));
        return switch (op) {
            case "add" -> new Add(path, value(number, op, value));
            case "remove" -> new Remove(path);
            case "replace" -> new Replace(path, value(number, op, value));
            case "move" -> move(number, JsonPointer.parse(text(number, texts, "from")), path);
            case "copy" -> new Copy(JsonPointer.parse(text(number, texts, "from")), path);
            case "test" -> new Test(path, value(number, op, value));
            case "increment" -> increment(number, path, value(number, op, value));
            default ->
                throw invalid("operation " + number + ": '" + op
                        + "' is none of add, remove, replace, move, copy, test and increment");
        };
    }

    private static Increment increment(int number, JsonPointer path, Slice by) {
        if (path.isRoot()) {
            throw invalid("operation " + number + ": 'increment' needs the path of a member, such as '/count'");
        }
        if (!(by.value() instanceof Value.Whole(long whole))) {
            throw invalid("operation " + number + ": 'increment' takes a whole number of 64 bits as its 'value'");
        }
        return new Increment(path, whole);
    }

    private static Move move(int number, JsonPointer from, JsonPointer path) {
        if (from.isAbove(path)) {
            throw invalid("operation " + number + ": '" + from + "' cannot be moved into itself, to '" + path + "'");
        }
        return new Move(from, path);
    }

    private static String text(int number, Map<String, String> texts, String name) {
        String text = texts.get(name);
        if (text == null) {
            throw invalid("operation " + number + " has no '" + name + "'");
        }
        return text;
    }

    private static Slice value(int number, String op, @Nullable Slice value) {
        if (value == null) {
            throw invalid("operation " + number + ", " + op + ", has no 'value'");
        }
        return value;
    }

    private static ResourceException twice(int number, String name) {
        return invalid("operation " + number + " has '" + name + "' twice");
    }

    private static ResourceException invalid(String what) {
        return new ResourceException(ErrorCode.INVALID, "malformed JSON Patch: " + what);
    }

    /** Does one operation after the other. */
    void apply(PatchTree tree) {
        int number = 0;
        for (Operation operation : operations) {
            new PatchStep(tree, number++).apply(operation);
        }
        if (tree.root() == null) {
            throw new ResourceException(
                    ErrorCode.CONFLICT, "there is no content to patch, and the JSON Patch does not add one at ''");
        }
    }
}
