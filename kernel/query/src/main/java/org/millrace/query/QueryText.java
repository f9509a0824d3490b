package org.millrace.query;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.millrace.content.AttributePath;
import org.millrace.content.ContentLimits;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** A query string and the place up to which it has been read. Reads what all parts of the grammar are made of. */
final class QueryText {
    private static final int DEEPEST = 50;
    private static final String ID = "$id";
    /** What may have been meant, as other query languages write it. */
    private static final List<String> WITH_DOLLAR = Stream.concat(Stream.of("id"), QueryParser.FUNCTIONS.stream())
            .map(name -> "$" + name)
            .toList();

    private final String text;
    private final Map<AttributePath, Integer> places = new HashMap<>();
    private int at;
    private int depth;

    QueryText(String text) {
        this.text = text;
    }

    int at() {
        return at;
    }

    boolean isAtEnd() {
        return at == text.length();
    }

    boolean startsWith(String expected) {
        return text.startsWith(expected, at);
    }

    boolean startsWithIgnoringCase(String expected) {
        return text.regionMatches(true, at, expected, 0, expected.length());
    }

    /** The text from a place to another. */
    String between(int from, int to) {
        return text.substring(from, to);
    }

    /** Where a character comes next, from a distance ahead on; -1 if nowhere. */
    int find(char c, int ahead) {
        return text.indexOf(c, at + ahead);
    }

    void advance(int characters) {
        at += characters;
    }

    boolean skip(char c) {
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    void expect(char c) {
        if (!skip(c)) {
            throw error("'" + c + "' expected");
        }
    }

    /** Reads up to one of several characters, or the end. */
    String until(String ends) {
        int start = at;
        while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return text.substring(start, at);
    }

    /** Counts a group that begins. */
    void enter() {
        if (++depth > DEEPEST) {
            throw error("more than " + DEEPEST + " nested groups");
        }
    }

    /** Counts a group that ends. */
    void leave() {
        depth--;
    }

    /** Understands what was read at a place as an attribute. */
    AttributePath attribute(String source, int position) {
        String[] steps = source.split("\\.", -1);
        List<String> decoded = new ArrayList<>(steps.length);
        for (String step : steps) {
            if (step.isEmpty()) {
                throw error(
                        source.isEmpty() ? "an attribute's name expected" : "an empty step in '" + shown(source) + "'",
                        position);
            }
            decoded.add(decode(step, position));
        }
        if (decoded.size() > ContentLimits.DEEPEST) {
            throw error("an attribute path of more than " + ContentLimits.DEEPEST + " names", position);
        }
        if (decoded.getFirst().startsWith("$")) {
            decoded.set(0, behindDollar(decoded.getFirst(), position));
        }
        AttributePath attribute = new AttributePath(decoded);
        places.putIfAbsent(attribute, position);
        return attribute;
    }

    /** What begins with {@code $} is the language's: otherwise a misspelt option would be a condition that nothing meets. */
    private static String behindDollar(String name, int position) {
        if (name.equals(ID)) {
            return name;
        }
        if (name.startsWith("$$") && !name.equals("$" + ID)) {
            return name.substring(1);
        }
        String hint = Nearest.of(name, WITH_DOLLAR)
                .map(near -> near.equals(ID) ? ID : near.substring(1) + "()")
                .map(near -> "; did you mean '" + near + "'?")
                .orElse("; '" + ID + "' is the record's id.");
        throw error(
                "unknown '" + shown(name) + "'" + hint + " An attribute whose own name begins with '$' is written with"
                        + " another before it: '$" + shown(name) + "'",
                position);
    }

    /** Where each attribute comes first. */
    Map<AttributePath, Integer> places() {
        return places;
    }

    /** Resolves the percent-escapes of what was read at a place. */
    static String decode(String source, int position) {
        try {
            String decoded = URLDecoder.decode(source, StandardCharsets.UTF_8);
            if (decoded.indexOf('\ufffd') >= 0 && source.indexOf('\ufffd') < 0 && !source.contains("%EF%BF%BD")) {
                throw error("percent-escapes that are not UTF-8 in '" + shown(source) + "'", position);
            }
            return decoded;
        } catch (IllegalArgumentException e) {
            throw error("a broken percent-escape in '" + shown(source) + "'", position);
        }
    }

    ResourceException error(String what) {
        return error(what, at);
    }

    static String shown(String part) {
        return part.length() > 40 ? part.substring(0, 40) + "..." : part;
    }

    static ResourceException error(String what, int position) {
        return new ResourceException(ErrorCode.INVALID, "query, position " + position + ": " + what);
    }
}
