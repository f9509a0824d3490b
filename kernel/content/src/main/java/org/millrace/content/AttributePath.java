package org.millrace.content;

import java.util.ArrayList;
import java.util.List;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * Where in a structured content an attribute is: names joined by dots, as in {@code address.city}. A name of digits is
 * also an index where the content has an array, as in {@code readings.0.value}. A dot or backslash that belongs to a
 * name is written with a backslash before it.
 *
 * @param names from the outside in; at least one
 */
public record AttributePath(List<String> names) {
    /**
     * Checks and copies the names.
     *
     * @throws ResourceException {@link ErrorCode#INVALID} if there is none, or more than a content can be deep
     */
    public AttributePath {
        names = List.copyOf(names);
        if (names.isEmpty() || names.size() > ContentLimits.DEEPEST) {
            throw new ResourceException(
                    ErrorCode.INVALID,
                    "an attribute path has 1 to " + ContentLimits.DEEPEST + " names, not " + names.size());
        }
    }

    /**
     * Reads a dotted path.
     *
     * @param text for example {@code address.city}
     * @return the path
     * @throws ResourceException {@link ErrorCode#INVALID} if a name is empty or a backslash stands before anything but
     *     a dot or backslash
     */
    public static AttributePath parse(String text) {
        List<String> names = new ArrayList<>();
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                names.add(checked(text, name));
                name.setLength(0);
            } else if (c == '\\') {
                i++;
                if (i == text.length() || text.charAt(i) != '.' && text.charAt(i) != '\\') {
                    throw invalid(text, "a backslash stands only before a dot or a backslash");
                }
                name.append(text.charAt(i));
            } else {
                name.append(c);
            }
        }
        names.add(checked(text, name));
        return new AttributePath(names);
    }

    private static String checked(String text, StringBuilder name) {
        if (name.isEmpty()) {
            throw invalid(text, "a name in it is empty");
        }
        return name.toString();
    }

    private static ResourceException invalid(String text, String why) {
        String shown = text.length() > 80 ? text.substring(0, 80) + "..." : text;
        return new ResourceException(ErrorCode.INVALID, "'" + shown + "' is no attribute path: " + why);
    }

    /** The path as {@link #parse} reads it. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            if (!text.isEmpty()) {
                text.append('.');
            }
            text.append(name.replace("\\", "\\\\").replace(".", "\\."));
        }
        return text.toString();
    }
}
