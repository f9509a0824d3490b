package org.millrace.query;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.millrace.content.AttributePath;
import org.millrace.content.ContentLimits;
import org.millrace.content.Value;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * Reads a query string.
 *
 * <pre>{@code
 * query        = term *( "&" term )
 * term         = function / alternatives
 * alternatives = primary *( "|" primary )
 * primary      = "(" conditions ")" / "[" conditions "]" / condition
 * conditions   = alternatives *( "&" alternatives )
 * condition    = attribute comparison literal
 * function     = name "(" [ argument *( "," argument ) ] ")"
 * argument     = attribute / number / function / relationship "(" argument *( "," argument ) ")"
 * }</pre>
 *
 * <p>{@code |} binds more tightly than {@code &}, which separates the terms of a URL's query anyway. The characters of
 * the grammar stand for themselves; everywhere else percent-escapes and {@code +} for a space are decoded. An instance
 * reads one text.
 */
public final class QueryParser {
    private static final int MOST_CONDITIONS = 1_000;
    private static final int DEEPEST = 50;
    private static final String OR = "or";
    /** What stands before a parenthesis in {@code select} and is no relationship. */
    public static final List<String> AGGREGATES = List.of("count", "sum", "avg", "min", "max");

    private final String text;
    private int at;
    private int conditions;
    private int depth;

    private final List<Selection> select = new ArrayList<>();
    private final List<AttributePath> group = new ArrayList<>();
    private final List<SortKey> sort = new ArrayList<>();
    private long offset;
    private long limit = Long.MAX_VALUE;
    private boolean explain;
    private final Map<AttributePath, Integer> places = new HashMap<>();
    private final Map<AttributePath, Integer> nested = new LinkedHashMap<>();

    private QueryParser(String text) {
        this.text = text;
    }

    /**
     * Reads a query.
     *
     * @param text the query string as a URL carries it, without the question mark; empty for all records
     * @return what it asks
     * @throws ResourceException {@link ErrorCode#INVALID} with the position of what is wrong
     */
    public static ParsedQuery parse(String text) {
        return text.isEmpty() ? ParsedQuery.ALL : new QueryParser(text).query();
    }

    private ParsedQuery query() {
        List<Condition> parts = new ArrayList<>();
        do {
            if (!function()) {
                alternatives(parts);
            }
        } while (skip('&'));
        if (at < text.length()) {
            throw error("unexpected '" + text.charAt(at) + "'");
        }
        return new ParsedQuery(
                all(parts), select, group, sort, offset, limit, explain, new ParsedQuery.Places(places, nested));
    }

    private static Condition all(List<Condition> parts) {
        return parts.size() == 1 ? parts.getFirst() : new Condition.And(parts);
    }

    /** Reads one term and adds it; a chained comparison takes its attribute from the term before. */
    private void alternatives(List<Condition> parts) {
        List<Condition> either = new ArrayList<>();
        do {
            Condition before = either.isEmpty() ? last(parts) : either.getLast();
            either.add(primary(before));
        } while (skip('|'));
        parts.add(either.size() == 1 ? either.getFirst() : new Condition.Or(either));
    }

    private static Condition last(List<Condition> parts) {
        return parts.isEmpty() ? Condition.ALWAYS : parts.getLast();
    }

    private Condition primary(Condition before) {
        if (skip('(')) {
            return grouped(')');
        }
        if (skip('[')) {
            return grouped(']');
        }
        if (text.regionMatches(true, at, OR + "(", 0, OR.length() + 1)) {
            at += OR.length() + 1;
            return anyOf();
        }
        return condition(before);
    }

    /** {@code or(a,b)}: what {@code (a|b)} says, for clients that cannot write a bar in a URL (RFC 3986 excludes it). */
    private Condition anyOf() {
        if (++depth > DEEPEST) {
            throw error("more than " + DEEPEST + " nested groups");
        }
        List<Condition> either = new ArrayList<>();
        do {
            List<Condition> parts = new ArrayList<>();
            do {
                alternatives(parts);
            } while (skip('&'));
            either.add(all(parts));
        } while (skip(','));
        if (!skip(')')) {
            throw error("')' expected");
        }
        depth--;
        return either.size() == 1 ? either.getFirst() : new Condition.Or(either);
    }

    private Condition grouped(char end) {
        if (++depth > DEEPEST) {
            throw error("more than " + DEEPEST + " nested groups");
        }
        List<Condition> parts = new ArrayList<>();
        do {
            alternatives(parts);
        } while (skip('&'));
        if (!skip(end)) {
            throw error("'" + end + "' expected");
        }
        depth--;
        return all(parts);
    }

    private Condition condition(Condition before) {
        if (++conditions > MOST_CONDITIONS) {
            throw error("more than " + MOST_CONDITIONS + " conditions");
        }
        int start = at;
        String name = until("=!<>&|()[],");
        Comparison comparison = comparison(name);
        int literalAt = at;
        String literal = decode(until("&|()[],"), literalAt);
        Comparison chained = Comparison.CHAINED.get(name);
        if (chained != null && comparison == Comparison.EQUAL && before instanceof Condition.Compare compare) {
            return new Condition.Compare(compare.attribute(), chained, literal(literal, literalAt));
        }
        AttributePath attribute = attribute(name, start);
        if (comparison == Comparison.EQUAL && literal.length() > 1 && literal.endsWith("*")) {
            String prefix = literal.substring(0, literal.length() - 1);
            return new Condition.Compare(
                    attribute, Comparison.STARTS_WITH, new Literal(new Value.Text(prefix), prefix, true));
        }
        return new Condition.Compare(attribute, comparison, literal(literal, literalAt));
    }

    private Comparison comparison(String name) {
        Comparison longest = null;
        int length = 0;
        for (Comparison candidate : Comparison.values()) {
            for (String spelling : candidate.spellings()) {
                if (spelling.length() > length && text.startsWith(spelling, at)) {
                    longest = candidate;
                    length = spelling.length();
                }
            }
        }
        if (longest == null) {
            throw error("a comparison such as '=' or '=gt=' expected after '" + shown(name) + "'");
        }
        int second = text.indexOf('=', at + 1);
        if (length == 1 && text.charAt(at) == '=' && second > at + 1 && second - at <= 4 && isWord(at + 1, second)) {
            throw error("unknown comparison '" + text.substring(at, second + 1) + "'");
        }
        at += length;
        return longest;
    }

    private boolean isWord(int from, int to) {
        return text.substring(from, to).chars().allMatch(c -> c >= 'a' && c <= 'z');
    }

    private Literal literal(String decoded, int position) {
        try {
            return Literal.parse(decoded);
        } catch (IllegalArgumentException e) {
            throw error(String.valueOf(e.getMessage()), position);
        }
    }

    private AttributePath attribute(String source, int position) {
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
        AttributePath attribute = new AttributePath(decoded);
        places.putIfAbsent(attribute, position);
        return attribute;
    }

    /** Reads {@code name(arguments)} at the place where a term starts, if there is one. */
    private boolean function() {
        int open = text.indexOf('(', at);
        if (open <= at || !text.substring(at, open).chars().allMatch(Character::isLetter)) {
            return false;
        }
        int start = at;
        String name = text.substring(at, open).toLowerCase(Locale.ROOT);
        if (name.equals(OR)) {
            return false;
        }
        at = open + 1;
        switch (name) {
            case "select" -> selections("");
            case "group" -> arguments().forEach(a -> group.add(attribute(a.text, a.at)));
            case "sort" -> arguments().forEach(a -> sort.add(sortKey(a)));
            case "limit" -> limit(arguments(), start);
            case "explain" -> explain = noArguments(name);
            case "count", "sum", "avg", "min", "max" -> select.add(aggregate(name, start));
            default ->
                throw error(
                        "unknown function '" + shown(name)
                                + "'; there are or, select, sort, limit, group, count, sum, avg, min, max, explain",
                        start);
        }
        return true;
    }

    private record Argument(String text, int at) {}

    private List<Argument> arguments() {
        List<Argument> arguments = new ArrayList<>();
        boolean bracket = skip('[');
        do {
            int start = at;
            arguments.add(new Argument(until(",()[]&|"), start));
        } while (skip(','));
        if (bracket && !skip(']')) {
            throw error("']' expected");
        }
        if (!skip(')')) {
            throw error("')' expected");
        }
        return arguments;
    }

    private boolean noArguments(String name) {
        if (!skip(')')) {
            throw error(name + "() takes no arguments");
        }
        return true;
    }

    /** Reads what is selected, of this table or, behind a prefix such as {@code customer.}, of another. */
    private void selections(String prefix) {
        if (++depth > DEEPEST) {
            throw error("more than " + DEEPEST + " nested groups");
        }
        boolean bracket = skip('[');
        do {
            int start = at;
            String name = until(",()[]&|");
            if (!skip('(')) {
                select.add(new Selection.Attribute(attribute(prefix + name, start)));
            } else if (prefix.isEmpty() && AGGREGATES.contains(name.toLowerCase(Locale.ROOT))) {
                select.add(aggregate(name.toLowerCase(Locale.ROOT), start));
            } else {
                nested.putIfAbsent(attribute(prefix + name, start), start);
                selections(prefix + name + ".");
            }
        } while (skip(','));
        if (bracket && !skip(']')) {
            throw error("']' expected");
        }
        if (!skip(')')) {
            throw error("')' expected");
        }
        depth--;
    }

    /** Reads an aggregate's argument; the parenthesis is open. */
    private Selection aggregate(String name, int start) {
        if (name.equals("count")) {
            noArguments(name);
            return new Selection.Count();
        }
        Selection.Function function = switch (name) {
            case "sum" -> Selection.Function.SUM;
            case "avg" -> Selection.Function.AVG;
            case "min" -> Selection.Function.MIN;
            case "max" -> Selection.Function.MAX;
            default -> throw error("unknown aggregate '" + shown(name) + "'", start);
        };
        List<Argument> arguments = arguments();
        if (arguments.size() != 1) {
            throw error(name + "() takes one attribute", start);
        }
        Argument only = arguments.getFirst();
        return new Selection.Aggregate(function, attribute(only.text, only.at));
    }

    private SortKey sortKey(Argument argument) {
        boolean signed = argument.text.startsWith("-") || argument.text.startsWith("+");
        String name = signed ? argument.text.substring(1) : argument.text;
        return new SortKey(attribute(name, argument.at), argument.text.startsWith("-"));
    }

    private void limit(List<Argument> arguments, int start) {
        if (arguments.size() > 2) {
            throw error("limit(count) or limit(start,end) expected", start);
        }
        long first = number(arguments.getFirst());
        if (arguments.size() == 1) {
            limit = first;
            return;
        }
        long end = number(arguments.get(1));
        if (end < first) {
            throw error("limit(start,end): the end " + end + " is before the start " + first, start);
        }
        offset = first;
        limit = end - first;
    }

    private long number(Argument argument) {
        try {
            long value = Long.parseLong(argument.text);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // reported below, together with negative numbers
        }
        throw error("'" + shown(argument.text) + "' is no count", argument.at);
    }

    private String until(String ends) {
        int start = at;
        while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return text.substring(start, at);
    }

    private boolean skip(char c) {
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private String decode(String source, int position) {
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

    private ResourceException error(String what) {
        return error(what, at);
    }

    static String shown(String part) {
        return part.length() > 40 ? part.substring(0, 40) + "..." : part;
    }

    static ResourceException error(String what, int position) {
        return new ResourceException(ErrorCode.INVALID, "query, position " + position + ": " + what);
    }
}
