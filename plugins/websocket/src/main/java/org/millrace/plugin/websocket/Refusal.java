package org.millrace.plugin.websocket;

/** A handshake that is refused with an HTTP status and a problem (RFC 9457), in the terms that HTTP has for it. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why, with the last part of the problem's type. */
    enum Kind {
        INVALID(400, "Bad Request", "invalid"),
        UNAUTHENTICATED(401, "Unauthorized", "unauthenticated"),
        FORBIDDEN(403, "Forbidden", "forbidden"),
        FOREIGN_ORIGIN(403, "Forbidden", "foreign-origin"),
        METHOD(405, "Method Not Allowed", "method-not-allowed"),
        VERSION(426, "Upgrade Required", "version-not-supported"),
        UNAVAILABLE(503, "Service Unavailable", "unavailable");

        private final int status;
        private final String phrase;
        private final String type;

        Kind(int status, String phrase, String type) {
            this.status = status;
            this.phrase = phrase;
            this.type = type;
        }
    }

    private final Kind kind;
    private final String[] fields;

    /**
     * Makes a refusal.
     *
     * @param kind why
     * @param detail for the client, without text that it sent
     * @param fields header fields for the answer
     */
    Refusal(Kind kind, String detail, String... fields) {
        super(detail, null, false, false);
        this.kind = kind;
        this.fields = fields;
    }

    /** The whole answer, after which the connection ends. */
    String answer() {
        String json =
                "{\"type\":\"urn:millrace:problem:" + kind.type + "\",\"title\":\"" + kind.phrase + "\",\"status\":"
                        + kind.status + ",\"detail\":\""
                        + String.valueOf(getMessage()).replaceAll("[^\\x20-\\x7e]|[\"\\\\]", "?") + "\"}";
        StringBuilder head = new StringBuilder(256);
        head.append("HTTP/1.1 ").append(kind.status).append(' ').append(kind.phrase);
        head.append("\r\nContent-Type: application/problem+json\r\nContent-Length: ")
                .append(json.length());
        head.append("\r\nConnection: close\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        return head.append("\r\n").append(json).toString();
    }
}
