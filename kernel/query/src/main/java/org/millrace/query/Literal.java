package org.millrace.query;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Locale;
import org.millrace.content.Value;

/**
 * A value written in a query. Without a type it is what it reads as: a JSON number, {@code true}, {@code false},
 * {@code null}, otherwise a string. A prefix fixes the type: {@code string:30}, {@code number:30}, {@code boolean:true},
 * {@code date:2026-01-31T12:00:00Z} (compared as the string of the same instant in ISO 8601).
 *
 * @param value what attributes are compared with
 * @param text the spelling, without a type
 * @param typed whether a prefix fixed the type
 */
public record Literal(Value value, String text, boolean typed) {
    /**
     * Reads a decoded literal.
     *
     * @throws IllegalArgumentException if the text does not suit its type's prefix
     */
    static Literal parse(String source) {
        int colon = source.indexOf(':');
        String type = colon < 0 ? "" : source.substring(0, colon).toLowerCase(Locale.ROOT);
        String text = colon < 0 ? source : source.substring(colon + 1);
        return switch (type) {
            case "string" -> new Literal(new Value.Text(text), text, true);
            case "number" -> new Literal(Value.of(number(text)), text, true);
            case "boolean" -> new Literal(new Value.Bool(bool(text)), text, true);
            case "date" -> new Literal(new Value.Text(date(text)), text, true);
            default -> new Literal(untyped(source), source, false);
        };
    }

    private static Value untyped(String text) {
        if (text.equals("true") || text.equals("false")) {
            return new Value.Bool(text.equals("true"));
        }
        if (text.equals("null")) {
            return Value.NULL;
        }
        return NumberSyntax.isJsonNumber(text) ? Value.of(new BigDecimal(text)) : new Value.Text(text);
    }

    private static BigDecimal number(String text) {
        if (!NumberSyntax.isJsonNumber(text)) {
            throw new IllegalArgumentException("'" + text + "' is no number");
        }
        return new BigDecimal(text);
    }

    private static boolean bool(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException("'" + text + "' is neither true nor false");
        }
        return text.equals("true");
    }

    private static String date(String text) {
        try {
            return Instant.parse(text).toString();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("'" + text + "' is no instant such as 2026-01-31T12:00:00Z", e);
        }
    }
}
