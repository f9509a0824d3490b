package org.millrace.content;

import org.millrace.spi.content.Content;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * A structured content as a tree, to look at many attributes of it. To look at a few known ones,
 * {@link AttributeSelection} is quicker.
 *
 * <p>Immutable.
 *
 * @param root the whole value
 */
public record Document(Value root) {
    /**
     * Reads a content.
     *
     * @param content JSON, CBOR or MessagePack
     * @return its tree
     * @throws ResourceException {@link ErrorCode#UNSUPPORTED} if the content is opaque
     */
    public static Document of(Content content) {
        StructuredContent structured = StructuredContent.from(content);
        if (structured == null) {
            throw new ResourceException(
                    ErrorCode.UNSUPPORTED, "a content of type " + content.mediaType() + " has no attributes");
        }
        try (ValueReader reader = structured.reader()) {
            return new Document(reader.value(reader.next()));
        }
    }

    /**
     * The attribute at a path.
     *
     * @param path where
     * @return the value; {@link Value#MISSING} if nothing is there
     */
    public Value get(AttributePath path) {
        Value value = root;
        for (String name : path.names()) {
            value = child(value, name);
        }
        return value;
    }

    /**
     * The attribute at a path.
     *
     * @param path as {@link AttributePath#parse} reads it
     * @return the value; {@link Value#MISSING} if nothing is there
     */
    public Value get(String path) {
        return get(AttributePath.parse(path));
    }

    /**
     * The value at a place.
     *
     * @param pointer a JSON Pointer (RFC 6901)
     * @return the value; {@link Value#MISSING} if nothing is there
     */
    public Value at(String pointer) {
        Value value = root;
        for (String name : JsonPointer.parse(pointer).tokens()) {
            value = child(value, name);
        }
        return value;
    }

    /** What is under a name or an index; {@link Value#MISSING} if nothing is. */
    static Value child(Value value, String name) {
        return switch (value) {
            case Value.Struct struct -> struct.members().getOrDefault(name, Value.MISSING);
            case Value.Array array -> {
                int index = JsonPointer.index(name);
                yield index >= 0 && index < array.items().size() ? array.items().get(index) : Value.MISSING;
            }
            case Value.Missing _,
                    Value.Null _,
                    Value.Bool _,
                    Value.Whole _,
                    Value.Real _,
                    Value.Exact _,
                    Value.Text _,
                    Value.Binary _ -> Value.MISSING;
        };
    }
}
