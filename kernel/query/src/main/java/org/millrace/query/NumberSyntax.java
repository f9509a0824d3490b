package org.millrace.query;

import java.util.regex.Pattern;

/** What counts as a number in a query: JSON's syntax (RFC 8259 section 6), with bounds that keep arithmetic cheap. */
final class NumberSyntax {
    private static final int LONGEST = 400;
    private static final Pattern JSON_NUMBER = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d{1,4})?");

    private NumberSyntax() {}

    static boolean isJsonNumber(String text) {
        return !text.isEmpty()
                && text.length() <= LONGEST
                && JSON_NUMBER.matcher(text).matches();
    }
}
