package org.millrace.plugin.http.uri;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.millrace.plugin.http.problem.ProblemException;
import org.millrace.plugin.http.problem.Problems;
import org.millrace.spi.resource.Path;

/**
 * The codec between a path's text and the path of a URL (RFC 3986 section 3.3). Escapes are UTF-8 and strictly checked.
 *
 * <p>Nothing is normalised. A segment written {@code .} or {@code ..} is refused, because clients and proxies on the way
 * would have resolved it and so disagree with this server about what is meant; a level of that name is written
 * {@code %2E} or {@code %2E%2E}.
 */
public final class UrlPath {
    private static final String UPPER_HEX = "0123456789ABCDEF";
    private static final boolean[] PLAIN = new boolean[128];

    static {
        // pchar without the escape (RFC 3986 section 3.3); '+' is refused in paths and some clients mean a space by it.
        String punctuation = "-._~!$&'()*,;=:@/";
        for (int c = 0; c < PLAIN.length; c++) {
            boolean alphanumeric = c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
            PLAIN[c] = alphanumeric || punctuation.indexOf(c) >= 0;
        }
    }

    private UrlPath() {}

    /**
     * Reads the path of a URL.
     *
     * @param path with its leading slash, which is left away
     * @return the decoded text
     * @throws ProblemException 400 for illegal escapes, bytes that are no UTF-8, and dot segments
     */
    public static String decode(String path) {
        boolean escaped = false;
        int segment = 1;
        for (int i = 1; i <= path.length(); i++) {
            char c = i == path.length() ? '/' : path.charAt(i);
            if (c == '/') {
                refuseDots(path, segment, i);
                segment = i + 1;
            } else if (c == '%') {
                escaped = true;
            } else if (c <= 0x20 || c >= 0x7f) {
                throw Problems.badRequest("the path holds the byte 0x" + hex(c) + " at position " + i
                                + "; write it as %" + hex(c))
                        .exception();
            }
        }
        return escaped ? unescape(path, 1, "path", false) : path.substring(1);
    }

    /**
     * Checks the query of a URL. It stays encoded: only who knows its grammar can tell an escaped character from one of
     * the grammar's own.
     *
     * @param query without the question mark
     * @return the same text
     * @throws ProblemException 400 for illegal escapes and bytes that are no UTF-8
     */
    public static String checkedQuery(String query) {
        var _ = unescape(query, 0, "query", true);
        return query;
    }

    private static void refuseDots(String path, int from, int to) {
        int length = to - from;
        if (length > 0 && length < 3 && path.charAt(from) == '.' && path.charAt(to - 1) == '.') {
            throw Problems.badRequest("the path has the segment '" + path.substring(from, to)
                            + "'; a level of that name is written " + "%2E".repeat(length))
                    .exception();
        }
    }

    private static String unescape(String text, int from, String what, boolean checkAscii) {
        byte[] bytes = new byte[text.length() - from];
        int n = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
                int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    throw Problems.badRequest("the " + what + " has the illegal escape '"
                                    + text.substring(i, Math.min(text.length(), i + 3)) + "' at position " + i)
                            .exception();
                }
                bytes[n++] = (byte) (high << 4 | low);
                i += 2;
            } else if (checkAscii && (c <= 0x20 || c >= 0x7f)) {
                throw Problems.badRequest("the " + what + " holds the byte 0x" + hex(c) + " at position " + i
                                + "; write it as %" + hex(c))
                        .exception();
            } else {
                bytes[n++] = (byte) c;
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, n))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Problems.badRequest("the escapes in the " + what + " are no UTF-8")
                    .exception();
        }
    }

    private static String hex(char c) {
        return "" + UPPER_HEX.charAt(c >> 4 & 15) + UPPER_HEX.charAt(c & 15);
    }

    /**
     * Writes a record's path as the path of a URL, such that {@link Target#of} gives the same record.
     *
     * @param path any path
     * @return with its leading slash
     */
    public static String encode(Path path) {
        String text = path.toString();
        int last = text.length() - 1;
        // "t/" must not read as the collection of t.
        boolean escapeLast = text.indexOf('/') == last;
        byte[] bytes = path.utf8();
        StringBuilder url = new StringBuilder(bytes.length + 16).append('/');
        int segment = 0;
        for (int i = 0; i < bytes.length; i++) {
            byte b = bytes[i];
            if (i == 0 || bytes[i - 1] == '/') {
                segment = i;
            }
            boolean dots = b == '.' && isDotSegment(bytes, segment);
            boolean collectionSlash = escapeLast && i == bytes.length - 1;
            if (b >= 0 && PLAIN[b] && !dots && !collectionSlash) {
                url.append((char) b);
            } else {
                url.append('%').append(UPPER_HEX.charAt(b >> 4 & 15)).append(UPPER_HEX.charAt(b & 15));
            }
        }
        return url.toString();
    }

    private static boolean isDotSegment(byte[] bytes, int from) {
        int end = from;
        while (end < bytes.length && bytes[end] == '.') {
            end++;
        }
        return end - from <= 2 && (end == bytes.length || bytes[end] == '/');
    }
}
