package org.millrace.host.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what somebody meant who mistyped a key. */
final class NearestKey {
    private NearestKey() {}

    /** The known key most like a mistyped one, unless none is like it. */
    static Optional<String> to(String mistyped, Collection<String> known) {
        String wanted = plain(mistyped);
        int tolerated = Math.max(2, wanted.length() / 4);
        record Candidate(String key, int distance) {}
        return known.stream()
                .map(key -> new Candidate(key, distance(wanted, plain(key))))
                .filter(candidate -> candidate.distance <= tolerated)
                .min(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::key))
                .map(Candidate::key);
    }

    /** The end of a message about an unknown key. */
    static String hint(String mistyped, Collection<String> known) {
        return to(mistyped, known).map(key -> ", did you mean " + key + "?").orElse("");
    }

    /** {@code maxPacketSize}, {@code max_packet_size} and {@code max-packet-size} are one slip of the same kind. */
    private static String plain(String key) {
        return key.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }

    /** Optimal string alignment: insertions, deletions, replacements, and swaps of neighbours. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                d[i][j] = Math.min(replaced, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
