package org.millrace.spi.transport;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;

/**
 * The head of an HTTP request, whatever the HTTP version it came over.
 *
 * @param method in upper case
 * @param path the path as it was sent: percent-encoded, with its leading slash, without the query
 * @param query the query as it was sent, without the question mark; empty if there is none
 * @param headers names in lower case, each with its values in order
 * @param identity who sent it
 * @param via where it came from
 * @since 0.1
 */
public record HttpRequest(
        String method,
        String path,
        String query,
        Map<String, List<String>> headers,
        Identity identity,
        ConnectionInfo via) {
    /** Copies the headers. */
    public HttpRequest {
        headers = Map.copyOf(headers);
    }

    /**
     * The first value of a header.
     *
     * @param name in lower case
     * @return the value, if there is one
     */
    public Optional<String> header(String name) {
        List<String> values = headers.get(name);
        return values == null || values.isEmpty() ? Optional.empty() : Optional.of(values.getFirst());
    }
}
