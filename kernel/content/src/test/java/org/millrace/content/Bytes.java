package org.millrace.content;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;

/** Bytes as tests write them down. */
final class Bytes {
    private Bytes() {}

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Hexadecimal digits; spaces are left away. */
    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    static String hex(Content content) {
        return HexFormat.of().formatHex(content.toByteArray());
    }

    static String text(Content content) {
        return new String(content.toByteArray(), StandardCharsets.UTF_8);
    }

    static String json(Content content) {
        return text(content.as(MediaType.JSON));
    }
}
