package org.millrace.spi.transport;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * Reads the escapes of URLs (RFC 3986 section 2.1), strictly, as {@link HttpRequest} carries them. A plus sign stays
 * one, since topic filters hold them. Pure.
 *
 * @since 0.1
 */
public final class UrlText {
    /**
     * A part of a URL's query.
     *
     * @param name decoded
     * @param value decoded; empty where there is no equals sign
     */
    public record Parameter(String name, String value) {}

    private UrlText() {}

    /**
     * Reads a part of a URL.
     *
     * @param text as it was sent
     * @return decoded
     * @throws ResourceException {@link ErrorCode#INVALID} for illegal escapes and bytes that are no UTF-8
     */
    public static String decode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] bytes = new byte[text.length()];
        int n = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
                int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    throw invalid("the URL has an illegal escape at position " + i + " of '" + text + "'");
                }
                bytes[n++] = (byte) (high << 4 | low);
                i += 2;
            } else if (c < 0x80) {
                bytes[n++] = (byte) c;
            } else {
                throw invalid("the URL holds characters beyond ASCII; escape them");
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, n))
                    .toString();
        } catch (CharacterCodingException e) {
            throw invalid("the escapes in '" + text + "' are no UTF-8");
        }
    }

    /**
     * Reads a query of the form {@code a=1&b=2}.
     *
     * @param query as {@link HttpRequest#query()} gives it
     * @return its parameters in their order
     * @throws ResourceException {@link ErrorCode#INVALID} as {@link #decode} does
     */
    public static List<Parameter> parameters(String query) {
        if (query.isEmpty()) {
            return List.of();
        }
        List<Parameter> found = new ArrayList<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            found.add(new Parameter(
                    decode(equals < 0 ? pair : pair.substring(0, equals)),
                    equals < 0 ? "" : decode(pair.substring(equals + 1))));
        }
        return found;
    }

    private static ResourceException invalid(String message) {
        return new ResourceException(ErrorCode.INVALID, message);
    }
}
