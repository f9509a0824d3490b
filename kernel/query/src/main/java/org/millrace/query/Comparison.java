package org.millrace.query;

import java.util.List;
import java.util.Map;

/** How an attribute is compared with a literal. */
public enum Comparison {
    /** Equal; a literal that reads as a number, boolean or null also matches the string of the same spelling. */
    EQUAL("=", "=="),
    /** Equal in type and value. */
    STRICTLY_EQUAL("==="),
    /** Not {@link #EQUAL}; holds where the attribute is missing. */
    NOT_EQUAL("!=", "=ne="),
    /** Less than. */
    LESS("=lt=", "<"),
    /** Less than or equal. */
    LESS_OR_EQUAL("=le=", "<="),
    /** Greater than. */
    GREATER("=gt=", ">"),
    /** Greater than or equal. */
    GREATER_OR_EQUAL("=ge=", ">="),
    /** A string that contains the literal, or an array one of whose elements equals it. */
    CONTAINS("=ct="),
    /** A string that starts with the literal. */
    STARTS_WITH("=sw="),
    /** A string that ends with the literal. */
    ENDS_WITH("=ew=");

    static final Map<String, Comparison> CHAINED = Map.of(
            "lt", LESS,
            "le", LESS_OR_EQUAL,
            "gt", GREATER,
            "ge", GREATER_OR_EQUAL,
            "ne", NOT_EQUAL);

    private final List<String> spellings;

    Comparison(String... spellings) {
        this.spellings = List.of(spellings);
    }

    List<String> spellings() {
        return spellings;
    }

    /**
     * Whether this orders values, and so can use an index as a range.
     *
     * @return true for less and greater
     */
    public boolean isRange() {
        return switch (this) {
            case LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> true;
            case EQUAL, STRICTLY_EQUAL, NOT_EQUAL, CONTAINS, STARTS_WITH, ENDS_WITH -> false;
        };
    }

    @Override
    public String toString() {
        return spellings.getFirst();
    }
}
