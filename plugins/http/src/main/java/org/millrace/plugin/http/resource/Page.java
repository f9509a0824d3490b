package org.millrace.plugin.http.resource;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.plugin.http.uri.UrlPath;

/**
 * What a collection's query string asks: the expression, which is the query language's, and HTTP's own {@code $limit} and
 * {@code $after}, which give the collection page by page.
 *
 * @param expression the rest, still encoded
 * @param limit how many rows a page has; 0 for no pages
 * @param after the id behind which the page begins; empty for the first
 */
record Page(String expression, int limit, String after) {
    private static final int MAX_LIMIT = 10_000;

    /** What shapes the result as a whole, so that there are no records to go through one by one. */
    private static final Pattern SHAPING =
            Pattern.compile("(^|[&|(\\[,])(sort|limit|group|count|sum|avg|min|max|explain)\\(");

    /**
     * Reads a query string.
     *
     * @throws org.millrace.plugin.http.problem.ProblemException 400
     */
    static Page of(String query) {
        String checked = UrlPath.checkedQuery(query);
        if (checked.indexOf('$') < 0 && !checked.contains("%24")) {
            return new Page(checked, 0, "");
        }
        StringBuilder expression = new StringBuilder();
        int limit = 0;
        String after = "";
        for (String term : checked.split("&", -1)) {
            String plain = term.replace("%24", "$");
            if (plain.startsWith("$limit=")) {
                limit = number(plain.substring("$limit=".length()));
            } else if (plain.startsWith("$after=")) {
                after = URLDecoder.decode(plain.substring("$after=".length()), StandardCharsets.UTF_8);
            } else {
                MisspeltOption.refuse(plain);
                expression.append(expression.isEmpty() ? "" : "&").append(term);
            }
        }
        Page page = new Page(expression.toString(), limit, after);
        if (limit > 0 || !after.isEmpty()) {
            page.requireRecords("$limit and $after take");
        }
        return page;
    }

    private static int number(String text) {
        boolean digits = !text.isEmpty() && text.length() < 6 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        int value = digits ? Integer.parseInt(text) : 0;
        if (value < 1 || value > MAX_LIMIT) {
            throw Problems.badRequest("$limit '" + text + "' is no number from 1 to " + MAX_LIMIT)
                    .exception();
        }
        return value;
    }

    /** Refuses expressions whose rows are not the table's records in the order of their ids. */
    void requireRecords(String what) {
        if (SHAPING.matcher(expression).find()) {
            throw Problems.badRequest(what + " records in the order of their ids; leave sort(), limit(), group(),"
                            + " explain() and aggregates away")
                    .exception();
        }
    }

    /** The query string of the page behind an id. */
    String next(String lastId) {
        StringBuilder query = new StringBuilder(expression);
        query.append(query.isEmpty() ? "" : "&").append("$limit=").append(limit).append("&$after=");
        for (byte b : lastId.getBytes(StandardCharsets.UTF_8)) {
            boolean plain =
                    b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b == '-' || b == '_';
            if (plain) {
                query.append((char) b);
            } else {
                query.append('%').append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
            }
        }
        return query.toString();
    }
}
