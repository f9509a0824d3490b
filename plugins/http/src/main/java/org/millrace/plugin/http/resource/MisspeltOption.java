package org.millrace.plugin.http.resource;

import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.millrace.plugin.http.problem.Problems;

/**
 * Finds terms of a query string that are meant to be one of a collection's options. As conditions they would be met by no
 * record, and the client would take an empty answer for the truth.
 */
final class MisspeltOption {
    private static final List<String> OPTIONS = List.of("$limit", "$after", "$all");
    /** One more dollar sign, and it is an attribute. */
    private static final Pattern NAME = Pattern.compile("\\$[^$=<>!&|()\\[\\],][^=<>!&|()\\[\\],]*");

    private MisspeltOption() {}

    /**
     * Refuses a term whose name is almost that of an option. What is like none is left to the query language.
     *
     * @throws org.millrace.plugin.http.problem.ProblemException 400 that names the option
     */
    static void refuse(String term) {
        Matcher name = NAME.matcher(term);
        if (!name.lookingAt()) {
            return;
        }
        String written = name.group();
        String nearest = OPTIONS.stream()
                .min(Comparator.comparingInt(o -> distance(written, o)))
                .orElseThrow();
        int distance = distance(written, nearest);
        if (distance == 0) {
            throw Problems.badRequest("'" + nearest + "' is an option of this server's; "
                            + (nearest.equals("$all") ? "only DELETE takes it" : "it takes '=' and a value"))
                    .exception();
        }
        if (distance <= 2) {
            throw Problems.badRequest(
                            "unknown '" + written + "'; did you mean '" + nearest + "'? An attribute whose own"
                                    + " name begins with '$' is written with another before it: '$" + written + "'")
                    .exception();
        }
    }

    /** How many characters have to be added, removed or replaced (Levenshtein). */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (i > 0 && a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = i == 0 ? j : Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
