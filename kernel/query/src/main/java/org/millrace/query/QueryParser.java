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
 * argument     = [ "-" ] attribute / number / [ "-" ] function / relationship "(" argument *( "," argument ) ")"
 * }</pre>
 *
 * <p>{@code |} binds more tightly than {@code &}, which separates the terms of a URL's query anyway. The characters of
 * the grammar stand for themselves; everywhere else percent-escapes and {@code +} for a space are decoded. An instance
 * reads one text.
 */
public final class QueryParser {
    /** What stands before a parenthesis in {@code select} and is no relationship. */
    public static final List<String> AGGREGATES = List.of("count", "sum", "avg", "min", "max");

    /** All that stands before a parenthesis where a term begins, but for {@code or}. */
    static final List<String> FUNCTIONS =
            List.of("select", "sort", "limit", "group", "count", "sum", "avg", "min", "max", "explain");

    private final QueryText text;
    private final ConditionSyntax conditions;
    private final List<Selection> select = new ArrayList<>();
    private final List<AttributePath> group = new ArrayList<>();
    private final List<SortKey> sort = new ArrayList<>();
    private final Map<AttributePath, Integer> nested = new LinkedHashMap<>();
    /** Where attributes are selected or sorted by as they are. */
    private final Map<AttributePath, Integer> plain = new LinkedHashMap<>();
    /** Where an aggregate is first sorted by; -1 if none is. */
    private int sortedGroups = -1;

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
        ParsedQuery query = new ParsedQuery(
                ConditionSyntax.all(parts),
                select,
                group,
                sort,
                offset,
                limit,
                explain,
                new ParsedQuery.Places(text.places(), nested));
        checkGroups(query);
        return query;
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
            case "sort" -> sortKeys();
            case "limit" -> limit(arguments(), start);
            case "explain" -> explain = noArguments(name);
            case "count", "sum", "avg", "min", "max" -> select.add(aggregate(name, start));
            default ->
                throw QueryText.error(
                        "unknown function '" + QueryText.shown(name) + "'; there are or, "
                                + String.join(", ", FUNCTIONS),
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
                select.add(plain(prefix + name, start));
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

    private void sortKeys() {
        boolean bracket = text.skip('[');
        do {
            int start = text.at();
            String written = text.until(",()[]&|");
            String name = written.startsWith("-") || written.startsWith("+") ? written.substring(1) : written;
            Selection by;
            if (text.skip('(')) {
                by = aggregate(name.toLowerCase(Locale.ROOT), start);
                sortedGroups = sortedGroups < 0 ? start : sortedGroups;
            } else {
                by = plain(name, start);
            }
            sort.add(new SortKey(by, written.startsWith("-")));
        } while (text.skip(','));
        if (bracket) {
            text.expect(']');
        }
        text.expect(')');
    }

    /** An attribute of which a row shows or is sorted by the value, so that a row must have one. */
    private Selection plain(String name, int start) {
        AttributePath attribute = text.attribute(name, start);
        plain.putIfAbsent(attribute, start);
        return new Selection.Attribute(attribute);
    }

    /** Checks what is known only at the end: rows that are groups have of attributes only those by which they are made. */
    private void checkGroups(ParsedQuery query) {
        if (sortedGroups >= 0 && group.isEmpty()) {
            throw QueryText.error("only groups can be sorted by an aggregate; add group()", sortedGroups);
        }
        if (query.isAggregate()) {
            plain.forEach((attribute, at) -> {
                if (!group.contains(attribute)) {
                    throw QueryText.error(
                            "'" + attribute + "' differs within a group; add it to group(), or leave it out of select()"
                                    + " and sort() of a query with aggregates",
                            at);
                }
            });
        }
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
