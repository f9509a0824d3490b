package org.millrace.plugin.http.wire;

import java.nio.charset.StandardCharsets;

/** Header lines and their beginnings that occur in nearly every answer, as bytes. */
public enum Field {
    /** {@code Content-Length: }. */
    CONTENT_LENGTH("Content-Length: "),
    /** {@code Content-Type: }. */
    CONTENT_TYPE("Content-Type: "),
    /** {@code ETag: "}, with the opening quote. */
    ETAG("ETag: \""),
    /** {@code Last-Modified: }. */
    LAST_MODIFIED("Last-Modified: "),
    /** {@code Location: }. */
    LOCATION("Location: "),
    /**
     * What goes with every representation that is negotiated: it depends on {@code Accept}, and a cache has to ask
     * whether it is still the newest.
     */
    NEGOTIATED("Vary: Accept, Accept-Encoding\r\nCache-Control: no-cache\r\n"),
    /** The body follows in chunks. */
    CHUNKED("Transfer-Encoding: chunked\r\n"),
    /** The connection ends with this answer. */
    CLOSE("Connection: close\r\n"),
    /** The connection goes on, said to an HTTP/1.0 client. */
    KEEP_ALIVE("Connection: keep-alive\r\n");

    private final byte[] bytes;

    Field(String text) {
        this.bytes = text.getBytes(StandardCharsets.US_ASCII);
    }

    byte[] bytes() {
        return bytes;
    }
}
