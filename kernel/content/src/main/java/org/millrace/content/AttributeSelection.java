package org.millrace.content;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;

/**
 * Takes a few attributes out of contents, each in one pass over the bytes and without a tree: what an index needs of
 * every record.
 *
 * <p>Immutable; made once and used by any number of threads.
 */
public final class AttributeSelection {
    private final Step root = new Step();
    private final List<AttributePath> paths;

    /**
     * Prepares a selection.
     *
     * @param paths which attributes; the same one may come twice, and one may be within another
     */
    public AttributeSelection(List<AttributePath> paths) {
        this.paths = List.copyOf(paths);
        for (int i = 0; i < this.paths.size(); i++) {
            Step step = root;
            for (String name : this.paths.get(i).names()) {
                step = step.next.computeIfAbsent(name, _ -> new Step());
            }
            step.wanted = Arrays.copyOf(step.wanted, step.wanted.length + 1);
            step.wanted[step.wanted.length - 1] = i;
        }
    }

    /** A name on the way to wanted attributes. Not altered once the selection is made. */
    private static final class Step {
        private final Map<String, Step> next = new HashMap<>();
        private int[] wanted = {};
    }

    /**
     * Which attributes.
     *
     * @return the paths, in the order in which {@link #extract} gives their values
     */
    public List<AttributePath> paths() {
        return paths;
    }

    /**
     * The attributes of one content.
     *
     * @param content any; an opaque one has no attributes
     * @return a value for each path; {@link Value#MISSING} where nothing is
     */
    public List<Value> extract(Content content) {
        Value[] found = new Value[paths.size()];
        Arrays.fill(found, Value.MISSING);
        StructuredContent structured = StructuredContent.from(content);
        if (structured != null) {
            try (ValueReader reader = structured.reader()) {
                take(reader, reader.next(), root, found);
            }
        }
        return List.of(found);
    }

    /** Takes what is wanted at and under the present token, and moves to its end. */
    private static void take(ValueReader reader, Token token, @Nullable Step step, Value[] found) {
        if (step == null) {
            reader.skipChildren();
        } else if (step.wanted.length > 0) {
            set(reader.value(token), step, found);
        } else if (token == Token.MAP_START) {
            while (reader.next() != Token.MAP_END) {
                Step inside = step.next.get(reader.text());
                if (inside != null) {
                    // Of a name that comes twice the last counts, with all that is under it.
                    set(Value.MISSING, inside, found);
                }
                take(reader, reader.next(), inside, found);
            }
        } else if (token == Token.ARRAY_START) {
            int index = 0;
            for (Token item = reader.next(); item != Token.ARRAY_END; item = reader.next()) {
                take(reader, item, step.next.get(Integer.toString(index)), found);
                index++;
            }
        }
    }

    private static void set(Value value, Step step, Value[] found) {
        for (int i : step.wanted) {
            found[i] = value;
        }
        step.next.forEach((name, inside) -> set(Document.child(value, name), inside, found));
    }
}
