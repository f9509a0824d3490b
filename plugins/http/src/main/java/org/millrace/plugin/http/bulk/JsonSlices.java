package org.millrace.plugin.http.bulk;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Cuts JSON into its outermost parts, as bytes. Made for JSON that is known to be well formed, for example because it
 * became a content: it looks for where values end, not for mistakes.
 */
public final class JsonSlices {
    private final byte[] json;
    private int at;

    private JsonSlices(byte[] json) {
        this.json = json;
    }

    /**
     * Whether a value is an array.
     *
     * @param json well-formed JSON
     * @return true for a JSON array
     */
    public static boolean isArray(byte[] json) {
        return new JsonSlices(json).peek() == '[';
    }

    /**
     * The elements of an array.
     *
     * @param json well-formed JSON
     * @return each element's bytes, without white space around; null if it is no array
     */
    public static @Nullable List<byte[]> elements(byte[] json) {
        JsonSlices cut = new JsonSlices(json);
        if (cut.peek() != '[') {
            return null;
        }
        cut.at++;
        List<byte[]> elements = new ArrayList<>();
        while (cut.peek() != ']') {
            elements.add(cut.value());
            if (cut.peek() == ',') {
                cut.at++;
            }
        }
        return elements;
    }

    /**
     * The members of an object, the last one of each name.
     *
     * @param json well-formed JSON
     * @return each member's bytes by its name, in the order of the object; null if it is no object
     */
    public static @Nullable Map<String, byte[]> members(byte[] json) {
        JsonSlices cut = new JsonSlices(json);
        if (cut.peek() != '{') {
            return null;
        }
        cut.at++;
        Map<String, byte[]> members = new LinkedHashMap<>();
        while (cut.peek() != '}') {
            String name = text(cut.value());
            cut.peek();
            cut.at++;
            members.put(name, cut.value());
            if (cut.peek() == ',') {
                cut.at++;
            }
        }
        return members;
    }

    /**
     * Whether a value is a string.
     *
     * @param json a value's bytes
     * @return true for a JSON string
     */
    public static boolean isText(byte[] json) {
        return json.length > 1 && json[0] == '"';
    }

    /**
     * What a JSON string says.
     *
     * @param json a string's bytes, with its quotes
     * @return the text
     */
    public static String text(byte[] json) {
        String raw = new String(json, 1, json.length - 2, StandardCharsets.UTF_8);
        if (raw.indexOf('\\') < 0) {
            return raw;
        }
        StringBuilder text = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            i++;
            switch (raw.charAt(i)) {
                case 'n' -> text.append('\n');
                case 't' -> text.append('\t');
                case 'r' -> text.append('\r');
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'u' -> {
                    text.append((char) Integer.parseInt(raw, i + 1, i + 5, 16));
                    i += 4;
                }
                default -> text.append(raw.charAt(i));
            }
        }
        return text.toString();
    }

    /** The next byte that is no white space. */
    private byte peek() {
        while (json[at] == ' ' || json[at] == '\t' || json[at] == '\n' || json[at] == '\r') {
            at++;
        }
        return json[at];
    }

    /** The next value. */
    private byte[] value() {
        byte first = peek();
        int from = at;
        int depth = 0;
        do {
            byte b = json[at];
            switch (b) {
                case '"' -> skipString();
                case '[', '{' -> {
                    depth++;
                    at++;
                }
                case ']', '}' -> {
                    depth--;
                    at++;
                }
                default -> at++;
            }
        } while (depth > 0 || first != '"' && first != '[' && first != '{' && at < json.length && !ends(json[at]));
        return Arrays.copyOfRange(json, from, at);
    }

    private static boolean ends(byte b) {
        return b == ',' || b == ']' || b == '}' || b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }

    private void skipString() {
        at++;
        while (json[at] != '"') {
            at += json[at] == '\\' ? 2 : 1;
        }
        at++;
    }
}
