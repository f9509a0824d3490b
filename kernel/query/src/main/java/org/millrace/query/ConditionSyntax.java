package org.millrace.query;

import java.util.ArrayList;
import java.util.List;
import org.millrace.content.AttributePath;
import org.millrace.content.Value;

/** Reads the conditions of a query string; the grammar is at {@link QueryParser}. Used for one text. */
final class ConditionSyntax {
    /** What begins {@code or(a,b)}. */
    static final String OR = "or(";

    private static final int MOST_CONDITIONS = 1_000;

    private final QueryText text;
    private int conditions;

    ConditionSyntax(QueryText text) {
        this.text = text;
    }

    /** All of several, which may be one. */
    static Condition all(List<Condition> parts) {
        return parts.size() == 1 ? parts.getFirst() : new Condition.And(parts);
    }

    /** Reads one term and adds it; a chained comparison takes its attribute from the term before. */
    void alternatives(List<Condition> parts) {
        List<Condition> either = new ArrayList<>();
        do {
            Condition before = either.isEmpty() ? last(parts) : either.getLast();
            either.add(primary(before));
        } while (text.skip('|'));
        parts.add(either.size() == 1 ? either.getFirst() : new Condition.Or(either));
    }

    private static Condition last(List<Condition> parts) {
        return parts.isEmpty() ? Condition.ALWAYS : parts.getLast();
    }

    private Condition primary(Condition before) {
        if (text.skip('(')) {
            return grouped(')');
        }
        if (text.skip('[')) {
            return grouped(']');
        }
        if (text.startsWithIgnoringCase(OR)) {
            text.advance(OR.length());
            return anyOf();
        }
        return condition(before);
    }

    /** {@code or(a,b)}: what {@code (a|b)} says, for clients that cannot write a bar in a URL (RFC 3986 excludes it). */
    private Condition anyOf() {
        text.enter();
        List<Condition> either = new ArrayList<>();
        do {
            either.add(together());
        } while (text.skip(','));
        text.expect(')');
        text.leave();
        return either.size() == 1 ? either.getFirst() : new Condition.Or(either);
    }

    private Condition grouped(char end) {
        text.enter();
        Condition grouped = together();
        text.expect(end);
        text.leave();
        return grouped;
    }

    private Condition together() {
        List<Condition> parts = new ArrayList<>();
        do {
            alternatives(parts);
        } while (text.skip('&'));
        return all(parts);
    }

    private Condition condition(Condition before) {
        if (++conditions > MOST_CONDITIONS) {
            throw text.error("more than " + MOST_CONDITIONS + " conditions");
        }
        int start = text.at();
        String name = text.until("=!<>&|()[],");
        Comparison comparison = comparison(name);
        int literalAt = text.at();
        String literal = QueryText.decode(text.until("&|()[],"), literalAt);
        Comparison chained = Comparison.CHAINED.get(name);
        if (chained != null && comparison == Comparison.EQUAL && before instanceof Condition.Compare compare) {
            return new Condition.Compare(compare.attribute(), chained, literal(literal, literalAt));
        }
        AttributePath attribute = text.attribute(name, start);
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
                if (spelling.length() > length && text.startsWith(spelling)) {
                    longest = candidate;
                    length = spelling.length();
                }
            }
        }
        if (longest == null) {
            throw text.error("a comparison such as '=' or '=gt=' expected after '" + QueryText.shown(name) + "'");
        }
        if (length == 1 && longest == Comparison.EQUAL) {
            refuseUnknown();
        }
        text.advance(length);
        return longest;
    }

    /** Something like {@code =xx=} is meant to be a comparison. */
    private void refuseUnknown() {
        int second = text.find('=', 1);
        if (second > text.at() + 1 && second - text.at() <= 4) {
            String word = text.between(text.at() + 1, second);
            if (word.chars().allMatch(c -> c >= 'a' && c <= 'z')) {
                throw text.error("unknown comparison '=" + word + "='");
            }
        }
    }

    private Literal literal(String decoded, int position) {
        try {
            return Literal.parse(decoded);
        } catch (IllegalArgumentException e) {
            throw QueryText.error(String.valueOf(e.getMessage()), position);
        }
    }
}
