package org.millrace.plugin.http.bulk;

import java.nio.ByteBuffer;
import org.millrace.plugin.http.exchange.BodyMemory;
import org.millrace.plugin.http.problem.ProblemException;
import org.millrace.plugin.http.problem.Problems;

/**
 * Cuts a JSON array into its elements (RFC 8259 section 5) by brackets, quotes and commas alone; whether an element is JSON
 * itself is for its taker to find out.
 */
public final class ArrayCutter extends ItemCutter {
    /** What has to come next. */
    private enum Expected {
        ARRAY,
        FIRST_OR_END,
        ELEMENT,
        REST_OF_ELEMENT,
        COMMA_OR_END,
        NOTHING
    }

    private Expected expected = Expected.ARRAY;
    private long elements;
    private int depth;
    private boolean plain;
    private boolean quoted;
    private boolean escaped;

    /**
     * Begins.
     *
     * @param sink takes the elements
     * @param longest how many bytes an element may have
     * @param memory where room for a long one is taken from
     */
    public ArrayCutter(Sink sink, int longest, BodyMemory.Share memory) {
        super(sink, longest, memory);
    }

    @Override
    public void take(ByteBuffer part) {
        while (part.hasRemaining()) {
            byte b = part.get();
            if (expected == Expected.REST_OF_ELEMENT) {
                goOn(b);
            } else if (!isSpace(b)) {
                between(b);
            }
        }
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }

    private void between(byte b) {
        switch (expected) {
            case ARRAY -> {
                if (b != '[') {
                    throw Problems.badRequest("the body must be an array of items")
                            .exception();
                }
                expected = Expected.FIRST_OR_END;
            }
            case FIRST_OR_END -> {
                if (b == ']') {
                    expected = Expected.NOTHING;
                } else {
                    begin(b);
                }
            }
            case ELEMENT -> begin(b);
            case COMMA_OR_END -> {
                if (b != ',' && b != ']') {
                    throw malformed();
                }
                expected = b == ',' ? Expected.ELEMENT : Expected.NOTHING;
            }
            case REST_OF_ELEMENT, NOTHING -> throw malformed();
        }
    }

    private void begin(byte b) {
        if (b == ',' || b == ']' || b == '}' || b == ':') {
            throw malformed();
        }
        expected = Expected.REST_OF_ELEMENT;
        depth = 0;
        plain = b != '{' && b != '[' && b != '"';
        goOn(b);
    }

    private void goOn(byte b) {
        if (quoted) {
            add(b);
            if (escaped) {
                escaped = false;
            } else if (b == '\\') {
                escaped = true;
            } else if (b == '"') {
                quoted = false;
                endIfWhole();
            }
            return;
        }
        if (plain && (isSpace(b) || b == ',' || b == ']')) {
            endElement();
            if (!isSpace(b)) {
                between(b);
            }
            return;
        }
        add(b);
        switch (b) {
            case '"' -> quoted = !plain;
            case '{', '[' -> depth++;
            case '}', ']' -> {
                depth--;
                endIfWhole();
            }
            default -> {}
        }
    }

    private void endIfWhole() {
        if (depth <= 0 && !plain) {
            endElement();
        }
    }

    private void endElement() {
        expected = Expected.COMMA_OR_END;
        give(++elements);
    }

    @Override
    public void end() {
        if (expected == Expected.ARRAY) {
            throw Problems.badRequest("the body must be an array of items").exception();
        }
        if (expected != Expected.NOTHING) {
            throw Problems.badRequest("the array ends too early, behind its element " + elements)
                    .exception();
        }
    }

    private ProblemException malformed() {
        return Problems.badRequest("the array cannot be read behind its element " + elements)
                .exception();
    }
}
