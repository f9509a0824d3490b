package org.millrace.plugin.websocket;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.millrace.spi.transport.HttpRequest;

/** The opening handshake's rules (RFC 6455 section 4.2). Pure. */
final class Handshake {
    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private Handshake() {}

    /** What is wrong with a request's head; the status and the reason of the refusal. */
    static void check(HttpRequest request, List<String> origins) throws Refusal {
        if (!request.method().equals("GET")) {
            throw new Refusal(
                    Refusal.Kind.METHOD, "a WebSocket is opened with GET, not " + request.method(), "Allow: GET");
        }
        if (!request.header("sec-websocket-version").orElse("").equals("13")) {
            throw new Refusal(
                    Refusal.Kind.VERSION, "only version 13 of WebSocket is spoken here", "Sec-WebSocket-Version: 13");
        }
        if (!isKey(request.header("sec-websocket-key").orElse(""))) {
            throw new Refusal(Refusal.Kind.INVALID, "Sec-WebSocket-Key must be 16 bytes in Base64");
        }
        String origin = request.header("origin").orElse("");
        if (!origin.isEmpty()
                && !origins.contains("*")
                && !origins.contains(origin)
                && !(origins.contains("same-host")
                        && isSameHost(origin, request.header("host").orElse("")))) {
            throw new Refusal(
                    Refusal.Kind.FOREIGN_ORIGIN, "pages of this origin may not connect; add it to websocket.origins");
        }
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key).length == 16;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Browsers leave the usual port out of both, so the texts are comparable. */
    private static boolean isSameHost(String origin, String host) {
        try {
            String authority = new URI(origin).getRawAuthority();
            return authority != null && authority.toLowerCase(Locale.ROOT).equals(host.toLowerCase(Locale.ROOT));
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** The subprotocols a client names, in its order. */
    static List<String> subprotocols(HttpRequest request) {
        List<String> names = new ArrayList<>();
        for (String field : request.headers().getOrDefault("sec-websocket-protocol", List.of())) {
            for (String name : field.split(",", -1)) {
                names.add(name.strip());
            }
        }
        return names;
    }

    /** The answer to a key (section 1.3). */
    static String accept(String key) {
        try {
            // The protocol prescribes SHA-1; nothing secret rests on it.
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            return Base64.getEncoder().encodeToString(sha1.digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-1", e);
        }
    }
}
