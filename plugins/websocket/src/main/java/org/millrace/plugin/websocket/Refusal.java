package org.millrace.plugin.websocket;

/** A handshake that is refused with an HTTP status. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String field;

    /**
     * Makes a refusal.
     *
     * @param status the HTTP status
     * @param detail for the client, without text that it sent
     * @param field a header field for the answer, or empty
     */
    Refusal(int status, String detail, String field) {
        super(detail, null, false, false);
        this.status = status;
        this.field = field;
    }

    /** The whole answer, after which the connection ends. */
    String answer() {
        String phrase = switch (status) {
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 405 -> "Method Not Allowed";
            case 426 -> "Upgrade Required";
            case 503 -> "Service Unavailable";
            default -> "Bad Request";
        };
        String json = "{\"type\":\"about:blank\",\"title\":\"" + phrase + "\",\"status\":" + status + ",\"detail\":\""
                + String.valueOf(getMessage()).replaceAll("[^\\x20-\\x7e]|[\"\\\\]", "?") + "\"}";
        return "HTTP/1.1 " + status + " " + phrase + "\r\nContent-Type: application/problem+json\r\nContent-Length: "
                + json.length() + "\r\nConnection: close\r\n" + (field.isEmpty() ? "" : field + "\r\n") + "\r\n" + json;
    }
}
