package org.millrace.content;

import java.util.ArrayList;
import java.util.List;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * A place in a structured value (RFC 6901).
 *
 * @param tokens the names and indexes on the way to it, unescaped; empty for the whole
 */
record JsonPointer(List<String> tokens) {
    private static final int NO_INDEX = -1;

    JsonPointer {
        tokens = List.copyOf(tokens);
    }

    /** Reads a pointer (RFC 6901 section 3). */
    static JsonPointer parse(String text) {
        List<String> tokens = new ArrayList<>();
        if (!text.isEmpty() && text.charAt(0) != '/') {
            throw invalid(text, "begin it with '/'");
        }
        int from = 1;
        while (from <= text.length()) {
            if (tokens.size() == ContentLimits.DEEPEST) {
                throw invalid(text, "no content is more than " + ContentLimits.DEEPEST + " levels deep");
            }
            int slash = text.indexOf('/', from);
            int to = slash < 0 ? text.length() : slash;
            tokens.add(unescape(text, text.substring(from, to)));
            from = to + 1;
        }
        return new JsonPointer(tokens);
    }

    private static String unescape(String pointer, String token) {
        for (int tilde = token.indexOf('~'); tilde >= 0; tilde = token.indexOf('~', tilde + 1)) {
            char next = tilde + 1 < token.length() ? token.charAt(tilde + 1) : ' ';
            if (next != '0' && next != '1') {
                throw invalid(pointer, "write '~' as '~0' and '/' within a name as '~1'");
            }
        }
        // In this order, so that ~01 becomes ~1 (RFC 6901 section 4).
        return token.replace("~1", "/").replace("~0", "~");
    }

    private static ResourceException invalid(String text, String remedy) {
        String shown = text.length() > 80 ? text.substring(0, 80) + "..." : text;
        return new ResourceException(ErrorCode.INVALID, "'" + shown + "' is no JSON Pointer; " + remedy);
    }

    boolean isRoot() {
        return tokens.isEmpty();
    }

    String last() {
        return tokens.getLast();
    }

    JsonPointer parent() {
        return new JsonPointer(tokens.subList(0, tokens.size() - 1));
    }

    /** Whether the other place is within this one and not this one. */
    boolean isAbove(JsonPointer other) {
        return tokens.size() < other.tokens.size() && tokens.equals(other.tokens.subList(0, tokens.size()));
    }

    /** The array index a token says: digits without leading zeros (RFC 6901 section 4); -1 if it is none. */
    static int index(String token) {
        if (token.isEmpty() || token.length() > 9 || token.length() > 1 && token.charAt(0) == '0') {
            return NO_INDEX;
        }
        int index = 0;
        for (int i = 0; i < token.length(); i++) {
            int digit = token.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return NO_INDEX;
            }
            index = index * 10 + digit;
        }
        return index;
    }

    /** The pointer's text. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (String token : tokens) {
            text.append('/').append(token.replace("~", "~0").replace("/", "~1"));
        }
        return text.toString();
    }
}
