package org.millrace.query;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.millrace.content.AttributePath;
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
    /** What stands before a parenthesis in {@code select} and is no relationship. */
    public static final List<String> AGGREGATES = List.of("count", "sum", "avg", "min", "max");

    private final QueryText text;
    private final ConditionSyntax conditions;
    private final List<Selection> select = new ArrayList<>();
    private final List<AttributePath> group = new ArrayList<>();
    private final List<SortKey> sort = new ArrayList<>();
    private final Map<AttributePath, Integer> nested = new LinkedHashMap<>();
    private long offset;
    private long limit = Long.MAX_VALUE;
    private boolean explain;

    private QueryParser(QueryText text) {
        this.text = text;
        this.conditions = new ConditionSyntax(text);
    }

    /**
     * Reads a query.
     *
     * @param text the query string as a URL carries it, without the question mark; empty for all records
     * @return what it asks
     * @throws ResourceException {@link ErrorCode#INVALID} with the position of what is wrong
     */
    public static ParsedQuery parse(String text) {
        return text.isEmpty() ? ParsedQuery.ALL : new QueryParser(new QueryText(text)).query();
    }

    private ParsedQuery query() {
        List<Condition> parts = new ArrayList<>();
        do {
            if (!function()) {
                conditions.alternatives(parts);
            }
        } while (text.skip('&'));
        if (!text.isAtEnd()) {
            throw text.error("unexpected '" + text.between(text.at(), text.at() + 1) + "'");
        }
        return new ParsedQuery(
                ConditionSyntax.all(parts),
                select,
                group,
                sort,
                offset,
                limit,
                explain,
                new ParsedQuery.Places(text.places(), nested));
    }

    /** Reads {@code name(arguments)} at the place where a term starts, if there is one. */
    private boolean function() {
        int start = text.at();
        int open = text.find('(', 0);
        if (open <= start || text.startsWithIgnoringCase(ConditionSyntax.OR)) {
            return false;
        }
        String name = text.between(start, open).toLowerCase(Locale.ROOT);
        if (!name.chars().allMatch(Character::isLetter)) {
            return false;
        }
        text.advance(open + 1 - start);
        switch (name) {
            case "select" -> selections("");
            case "group" -> arguments().forEach(a -> group.add(text.attribute(a.text(), a.at())));
            case "sort" -> arguments().forEach(a -> sort.add(sortKey(a)));
            case "limit" -> limit(arguments(), start);
            case "explain" -> explain = noArguments(name);
            case "count", "sum", "avg", "min", "max" -> select.add(aggregate(name, start));
            default ->
                throw QueryText.error(
                        "unknown function '" + QueryText.shown(name)
                                + "'; there are or, select, sort, limit, group, count, sum, avg, min, max, explain",
                        start);
        }
        return true;
    }

    private record Argument(String text, int at) {}

    private List<Argument> arguments() {
        List<Argument> arguments = new ArrayList<>();
        boolean bracket = text.skip('[');
        do {
            int start = text.at();
            arguments.add(new Argument(text.until(",()[]&|"), start));
        } while (text.skip(','));
        if (bracket) {
            text.expect(']');
        }
        text.expect(')');
        return arguments;
    }

    private boolean noArguments(String name) {
        if (!text.skip(')')) {
            throw text.error(name + "() takes no arguments");
        }
        return true;
    }

    /** Reads what is selected, of this table or, behind a prefix such as {@code customer.}, of another. */
    private void selections(String prefix) {
        text.enter();
        boolean bracket = text.skip('[');
        do {
            int start = text.at();
            String name = text.until(",()[]&|");
            if (!text.skip('(')) {
                select.add(new Selection.Attribute(text.attribute(prefix + name, start)));
            } else if (prefix.isEmpty() && AGGREGATES.contains(name.toLowerCase(Locale.ROOT))) {
                select.add(aggregate(name.toLowerCase(Locale.ROOT), start));
            } else {
                nested.putIfAbsent(text.attribute(prefix + name, start), start);
                selections(prefix + name + ".");
            }
        } while (text.skip(','));
        if (bracket) {
            text.expect(']');
        }
        text.expect(')');
        text.leave();
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
            default -> throw QueryText.error("unknown aggregate '" + QueryText.shown(name) + "'", start);
        };
        List<Argument> arguments = arguments();
        if (arguments.size() != 1) {
            throw QueryText.error(name + "() takes one attribute", start);
        }
        Argument only = arguments.getFirst();
        return new Selection.Aggregate(function, text.attribute(only.text, only.at));
    }

    private SortKey sortKey(Argument argument) {
        boolean signed = argument.text.startsWith("-") || argument.text.startsWith("+");
        String name = signed ? argument.text.substring(1) : argument.text;
        return new SortKey(text.attribute(name, argument.at), argument.text.startsWith("-"));
    }

    private void limit(List<Argument> arguments, int start) {
        if (arguments.size() > 2) {
            throw QueryText.error("limit(count) or limit(start,end) expected", start);
        }
        long first = number(arguments.getFirst());
        if (arguments.size() == 1) {
            limit = first;
            return;
        }
        long end = number(arguments.get(1));
        if (end < first) {
            throw QueryText.error("limit(start,end): the end " + end + " is before the start " + first, start);
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
        throw QueryText.error("'" + QueryText.shown(argument.text) + "' is no count", argument.at);
    }
}
