package org.millrace.examples.redis;

/**
 * A pattern as Redis' KEYS, SCAN and PSUBSCRIBE know it: {@code *}, {@code ?}, {@code [a-z]}, {@code [^a]} and a
 * backslash before what is meant as it stands.
 *
 * @param pattern the text
 */
record Glob(String pattern) {
    /** The levels before the first wildcard, with their slashes. */
    String literalLevels() {
        int i = 0;
        while (i < pattern.length() && "*?[\\".indexOf(pattern.charAt(i)) < 0) {
            i++;
        }
        return pattern.substring(0, pattern.lastIndexOf('/', i - 1) + 1);
    }

    boolean matches(String text) {
        // Only the latest star is ever gone back to, so this takes at most pattern times text steps.
        int p = 0;
        int t = 0;
        int star = -1;
        int starText = 0;
        while (t < text.length()) {
            int next = p < pattern.length() && pattern.charAt(p) != '*' ? one(p, text.charAt(t)) : -1;
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                starText = t;
            } else if (next >= 0) {
                p = next;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++starText;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /** Where the pattern goes on if its element at a place takes a character; -1 if it does not. */
    private int one(int at, char c) {
        return switch (pattern.charAt(at)) {
            case '?' -> at + 1;
            case '[' -> oneOf(at, c);
            case '\\' -> {
                int escaped = Math.min(at + 1, pattern.length() - 1);
                yield pattern.charAt(escaped) == c ? escaped + 1 : -1;
            }
            default -> pattern.charAt(at) == c ? at + 1 : -1;
        };
    }

    private int oneOf(int at, char c) {
        int i = at + 1;
        boolean not = i < pattern.length() && pattern.charAt(i) == '^';
        if (not) {
            i++;
        }
        boolean found = false;
        while (i < pattern.length() && pattern.charAt(i) != ']') {
            char low = pattern.charAt(i);
            boolean range = i + 2 < pattern.length() && pattern.charAt(i + 1) == '-' && pattern.charAt(i + 2) != ']';
            char high = range ? pattern.charAt(i + 2) : low;
            found |= low <= c && c <= high || high <= c && c <= low;
            i += range ? 3 : 1;
        }
        return found != not ? Math.min(i + 1, pattern.length()) : -1;
    }
}
