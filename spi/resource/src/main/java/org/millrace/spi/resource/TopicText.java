package org.millrace.spi.resource;

/** The rules that paths and topic filters share (MQTT 5 sections 1.5.4 and 4.7). */
final class TopicText {
    private static final int SHOWN = 80;

    private TopicText() {}

    /** Refuses U+0000, lone surrogates and more than {@link Path#MAX_BYTES} bytes of UTF-8. */
    static void check(String what, String text) {
        int bytes = 0;
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                if (c == 0) {
                    throw new ResourceException(
                            ErrorCode.INVALID, what + " '" + shown(text) + "' holds U+0000 at position " + i);
                }
                bytes++;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (!Character.isSurrogate(c)) {
                bytes += 3;
            } else if (Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else {
                throw new ResourceException(
                        ErrorCode.INVALID, what + " '" + shown(text) + "' holds a lone surrogate at position " + i);
            }
        }
        if (bytes > Path.MAX_BYTES) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE,
                    what + " '" + shown(text) + "' has " + bytes + " bytes of UTF-8; at most " + Path.MAX_BYTES
                            + " are allowed");
        }
    }

    static int indexOfWildcard(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '+' || c == '#') {
                return i;
            }
        }
        return -1;
    }

    /** The text as an error message shows it: control characters replaced, long ones cut. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder(Math.min(text.length(), SHOWN) + 3);
        for (int i = 0; i < text.length() && i < SHOWN; i++) {
            char c = text.charAt(i);
            shown.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '\ufffd' : c);
        }
        return text.length() > SHOWN ? shown.append("...").toString() : shown.toString();
    }

    /** Compares as UTF-8 bytes do: surrogates, which stand for the highest code points, sort above all else. */
    static int compareUtf8(String a, String b) {
        int n = Math.min(a.length(), b.length());
        for (int i = 0; i < n; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean xs = Character.isSurrogate(x);
                boolean ys = Character.isSurrogate(y);
                return xs == ys ? Character.compare(x, y) : xs ? 1 : -1;
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
