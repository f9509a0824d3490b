package org.millrace.query;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what somebody may have meant. */
final class Nearest {
    private Nearest() {}

    /** A hint that begins with "; ": the likeliest of several names, or all of them, or that there is none. */
    static String hint(String written, Collection<String> names) {
        if (names.isEmpty()) {
            return "; it has none, declare it in the table's definition";
        }
        return of(written, names)
                .map(nearest -> "; did you mean '" + nearest + "'?")
                .orElseGet(
                        () -> "; there are " + names.stream().sorted().limit(10).toList());
    }

    /** The likeliest of several names; empty if what was written is like none. */
    static Optional<String> of(String written, Collection<String> names) {
        return names.stream()
                .min(Comparator.comparingInt((String name) -> distance(written, name))
                        .thenComparing(Comparator.naturalOrder()))
                .filter(nearest -> distance(written, nearest) <= Math.max(1, written.length() / 3));
    }

    /** How many characters have to be added, removed or replaced (Levenshtein). */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
