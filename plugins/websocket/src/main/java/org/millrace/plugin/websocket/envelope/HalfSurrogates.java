package org.millrace.plugin.websocket.envelope;

import org.jspecify.annotations.Nullable;

/**
 * Halves of surrogate pairs, which JSON can write as escapes and which are no characters (RFC 8259 section 8.2, RFC 7493
 * section 2.1): no other format could pass them on.
 */
final class HalfSurrogates {
    private static final int ESCAPE = 6;

    private HalfSurrogates() {}

    /** Whether a text has one. */
    static boolean in(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }

    /**
     * The same JSON with U+FFFD in their place, so that it can be read to find out whom to tell. Everything keeps its place.
     *
     * @param json not altered
     * @return null if there are none
     */
    static byte @Nullable [] replaced(byte[] json) {
        byte[] copy = null;
        int i = 0;
        while (i < json.length) {
            int unit = unit(json, i);
            if (isHigh(unit) && isLow(unit(json, i + ESCAPE))) {
                i += 2 * ESCAPE;
            } else if (isHigh(unit) || isLow(unit)) {
                copy = copy == null ? json.clone() : copy;
                copy[i + 2] = copy[i + 3] = copy[i + 4] = 'f';
                copy[i + 5] = 'd';
                i += ESCAPE;
            } else {
                // Another escape takes the character behind the backslash with it.
                i += json[i] == '\\' ? 2 : 1;
            }
        }
        return copy;
    }

    private static boolean isHigh(int unit) {
        return unit >= Character.MIN_HIGH_SURROGATE && unit <= Character.MAX_HIGH_SURROGATE;
    }

    private static boolean isLow(int unit) {
        return unit >= Character.MIN_LOW_SURROGATE && unit <= Character.MAX_LOW_SURROGATE;
    }

    /** What an escape such as {@code \}{@code ud800} stands for; -1 if there is none at that place. */
    private static int unit(byte[] json, int at) {
        if (at + ESCAPE > json.length || json[at] != '\\' || json[at + 1] != 'u') {
            return -1;
        }
        int unit = 0;
        for (int i = at + 2; i < at + ESCAPE; i++) {
            int digit = Character.digit(json[i], 16);
            if (digit < 0) {
                return -1;
            }
            unit = unit << 4 | digit;
        }
        return unit;
    }
}
