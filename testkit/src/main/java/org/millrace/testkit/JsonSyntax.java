package org.millrace.testkit;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Recognises JSON (RFC 8259) without building anything. Recursion is bounded by {@link #MAX_DEPTH}. */
final class JsonSyntax {
    private static final int MAX_DEPTH = 200;
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final Pattern STRING =
            Pattern.compile("\"([^\"\\\\\\x00-\\x1f]|\\\\([\"\\\\/bfnrt]|u[0-9a-fA-F]{4}))*+\"");
    private static final Pattern LITERAL = Pattern.compile("true|false|null");

    private final String text;
    private int at;

    private JsonSyntax(String text) {
        this.text = text;
    }

    /** Where the bytes cease to be one JSON value; -1 if they are one. */
    static int firstError(byte[] bytes) {
        JsonSyntax syntax = new JsonSyntax(new String(bytes, StandardCharsets.ISO_8859_1));
        boolean good = syntax.value(0);
        syntax.space();
        return good && syntax.at == syntax.text.length() ? -1 : syntax.at;
    }

    private boolean value(int depth) {
        space();
        if (at == text.length() || depth > MAX_DEPTH) {
            return false;
        }
        return switch (text.charAt(at)) {
            case '{' -> members('}', true, depth);
            case '[' -> members(']', false, depth);
            case '"' -> token(STRING);
            case 't', 'f', 'n' -> token(LITERAL);
            default -> token(NUMBER);
        };
    }

    private boolean members(char close, boolean named, int depth) {
        at++;
        if (take(close)) {
            return true;
        }
        do {
            space();
            if (named && !(token(STRING) && take(':'))) {
                return false;
            }
            if (!value(depth + 1)) {
                return false;
            }
        } while (take(','));
        return take(close);
    }

    private boolean token(Pattern pattern) {
        Matcher matcher = pattern.matcher(text).region(at, text.length());
        if (!matcher.lookingAt()) {
            return false;
        }
        at = matcher.end();
        return true;
    }

    private boolean take(char c) {
        space();
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }
}
