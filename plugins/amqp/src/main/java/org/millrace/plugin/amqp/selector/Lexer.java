package org.millrace.plugin.amqp.selector;

import java.util.Locale;
import java.util.Set;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** Parts a selector into words. */
final class Lexer {
    private static final Set<String> WORDS =
            Set.of("AND", "OR", "NOT", "BETWEEN", "IN", "LIKE", "ESCAPE", "IS", "NULL", "TRUE", "FALSE");

    private final String text;
    private int at;

    Lexer(String text) {
        this.text = text;
    }

    ResourceException error(int position, String why) {
        return new ResourceException(ErrorCode.INVALID, "selector '" + text + "': " + why + " at position " + position);
    }

    Token next() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        int start = at;
        if (at == text.length()) {
            return new Token(Token.Kind.END, "", start);
        }
        char c = text.charAt(at);
        if (Character.isJavaIdentifierStart(c)) {
            return name(start);
        }
        if (isDigit(c) || (c == '.' && at + 1 < text.length() && isDigit(text.charAt(at + 1)))) {
            return number(start);
        }
        if (c == '\'') {
            return quoted(start, '\'', Token.Kind.STRING);
        }
        if (c == '"') {
            return quoted(start, '"', Token.Kind.NAME);
        }
        at++;
        if (at < text.length()) {
            String two = text.substring(start, at + 1);
            if (two.equals("<>") || two.equals("<=") || two.equals(">=")) {
                at++;
                return new Token(Token.Kind.OPERATOR, two, start);
            }
        }
        if ("=<>+-*/(),".indexOf(c) < 0) {
            throw error(start, "'" + c + "' is not understood");
        }
        return new Token(Token.Kind.OPERATOR, String.valueOf(c), start);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** Dots and hyphens inside belong to names such as {@code amqp.annotation.x-opt-x} only when they are quoted. */
    private Token name(int start) {
        while (at < text.length() && (Character.isJavaIdentifierPart(text.charAt(at)) || text.charAt(at) == '.')) {
            at++;
        }
        String name = text.substring(start, at);
        String upper = name.toUpperCase(Locale.ROOT);
        return WORDS.contains(upper)
                ? new Token(Token.Kind.WORD, upper, start)
                : new Token(Token.Kind.NAME, name, start);
    }

    private Token number(int start) {
        while (at < text.length()) {
            char c = text.charAt(at);
            boolean signed = (c == '+' || c == '-') && (text.charAt(at - 1) == 'e' || text.charAt(at - 1) == 'E');
            if (!Character.isLetterOrDigit(c) && c != '.' && !signed) {
                break;
            }
            at++;
        }
        return new Token(Token.Kind.NUMBER, text.substring(start, at), start);
    }

    private Token quoted(int start, char quote, Token.Kind kind) {
        StringBuilder content = new StringBuilder();
        at++;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c != quote) {
                content.append(c);
            } else if (at < text.length() && text.charAt(at) == quote) {
                content.append(quote);
                at++;
            } else {
                return new Token(kind, content.toString(), start);
            }
        }
        throw error(start, "a quote is not closed");
    }
}
