package org.millrace.content;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * What is checked of JSON text besides its grammar, and a cheap look at bytes that may be JSON. All in terms of bytes;
 * nothing is decoded.
 */
final class JsonText {
    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private JsonText() {}

    /**
     * Refuses what the parser would let pass: other encodings than UTF-8 and a byte order mark (RFC 8259 section 8.1),
     * and escapes that make a lone surrogate (RFC 7493 section 2.1), which no other format can say.
     */
    static void check(byte[] bytes) {
        int malformed = Utf8.firstMalformed(bytes, 0, bytes.length);
        if (malformed >= 0) {
            throw invalid(malformed, "text is not UTF-8");
        }
        for (int i = 0; i < Math.min(4, bytes.length); i++) {
            // The parser would take these for UTF-16 or UTF-32; in UTF-8 JSON no byte is zero.
            if (bytes[i] == 0) {
                throw invalid(i, "a zero byte; JSON is UTF-8");
            }
        }
        if (bytes.length >= 3 && bytes[0] == (byte) 0xef && bytes[1] == (byte) 0xbb && bytes[2] == (byte) 0xbf) {
            throw invalid(0, "a byte order mark; JSON begins with its value");
        }
        checkEscapes(bytes);
    }

    // In well-formed JSON a backslash is in a string and escapes the next byte.
    private static void checkEscapes(byte[] bytes) {
        for (int i = 0; i < bytes.length - 1; i++) {
            if (bytes[i] == '\\') {
                int unit = bytes[i + 1] == 'u' ? utf16Unit(bytes, i + 2) : 0;
                if (Character.isHighSurrogate((char) unit) && isLowSurrogateEscape(bytes, i + 6)) {
                    i += 11;
                } else if (Character.isSurrogate((char) unit)) {
                    throw invalid(i, "the escape is half a surrogate pair, which is no character");
                } else {
                    i++;
                }
            }
        }
    }

    private static boolean isLowSurrogateEscape(byte[] bytes, int at) {
        return at + 6 <= bytes.length
                && bytes[at] == '\\'
                && bytes[at + 1] == 'u'
                && Character.isLowSurrogate((char) utf16Unit(bytes, at + 2));
    }

    /** The four hexadecimal digits there, or 0 if they are none, which the parser refuses afterwards. */
    private static int utf16Unit(byte[] bytes, int at) {
        if (at + 4 > bytes.length) {
            return 0;
        }
        int unit = 0;
        for (int i = at; i < at + 4; i++) {
            int digit = Character.digit(bytes[i], 16);
            if (digit < 0) {
                return 0;
            }
            unit = unit << 4 | digit;
        }
        return unit;
    }

    /**
     * Whether a parse is worth trying: the first and last byte that are no white space fit together. Refuses nearly all
     * other payloads without looking further.
     */
    static boolean mayBeJson(byte[] bytes) {
        int from = 0;
        int to = bytes.length;
        while (from < to && isSpace(bytes[from])) {
            from++;
        }
        while (to > from && isSpace(bytes[to - 1])) {
            to--;
        }
        if (from == to) {
            return false;
        }
        byte last = bytes[to - 1];
        return switch (bytes[from]) {
            case '{' -> last == '}';
            case '[' -> last == ']';
            case '"' -> last == '"' && to - from > 1;
            case 't' -> Arrays.equals(bytes, from, to, TRUE, 0, TRUE.length);
            case 'f' -> Arrays.equals(bytes, from, to, FALSE, 0, FALSE.length);
            case 'n' -> Arrays.equals(bytes, from, to, NULL, 0, NULL.length);
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> isNumeric(bytes, from + 1, to);
            default -> false;
        };
    }

    private static boolean isNumeric(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if ((b < '0' || b > '9') && b != '.' && b != 'e' && b != 'E' && b != '-' && b != '+') {
                return false;
            }
        }
        return true;
    }

    /** White space of RFC 8259 section 2. */
    static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private static ResourceException invalid(int at, String what) {
        return new ResourceException(ErrorCode.INVALID, "malformed JSON at byte " + at + ": " + what);
    }
}
