package org.millrace.plugin.http.problem;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One refusal (RFC 9457): what a client is told instead of what it asked for.
 *
 * @param status the HTTP status
 * @param code the stable last part of {@code type}, for example {@code not-found}
 * @param title what this code means, the same for each occurrence
 * @param detail what is wrong this time, and what to do
 * @param available the media types to choose from, where the client chose none of them; otherwise empty
 * @param headers further header fields of the answer: name, value, name, value ...
 * @param counts further members that say how much was done all the same, by their names
 */
public record Problem(
        int status,
        String code,
        String title,
        String detail,
        List<String> available,
        List<String> headers,
        Map<String, Long> counts) {
    /** What {@code type} starts with; the code follows. */
    public static final String TYPE = "urn:millrace:problem:";

    /** Copies the lists. */
    public Problem {
        available = List.copyOf(available);
        headers = List.copyOf(headers);
        counts = Collections.unmodifiableMap(new LinkedHashMap<>(counts));
    }

    /**
     * A refusal without further header fields.
     *
     * @param status the HTTP status
     * @param code the last part of its type
     * @param title what the code means
     * @param detail what is wrong this time
     */
    public Problem(int status, String code, String title, String detail) {
        this(status, code, title, detail, List.of(), List.of(), Map.of());
    }

    /**
     * This problem with a list of what there is.
     *
     * @param types media types
     * @return a new problem
     */
    public Problem withAvailable(List<String> types) {
        return new Problem(status, code, title, detail, types, headers, counts);
    }

    /**
     * This problem with further header fields.
     *
     * @param nameValuePairs name, value, name, value ...
     * @return a new problem
     */
    public Problem withHeaders(String... nameValuePairs) {
        return new Problem(status, code, title, detail, available, List.of(nameValuePairs), counts);
    }

    /**
     * This problem with what was done all the same.
     *
     * @param values numbers by the names of their members
     * @return a new problem
     */
    public Problem withCounts(Map<String, Long> values) {
        return new Problem(status, code, title, detail, available, headers, values);
    }

    /**
     * The problem as an exception, to leave the place that found it.
     *
     * @return an exception without a stack trace
     */
    public ProblemException exception() {
        return new ProblemException(this);
    }

    /**
     * The problem's JSON.
     *
     * @param instance the path that was asked for, as it was sent; empty if none could be read
     * @return an object with {@code type}, {@code title}, {@code status}, {@code detail}, and where there are
     *     any {@code instance}, {@code available} and the counts
     */
    public String json(String instance) {
        StringBuilder json = new StringBuilder(200);
        json.append("{\"type\":\"").append(TYPE).append(code).append("\",\"title\":");
        JsonText.quote(json, title);
        json.append(",\"status\":").append(status).append(",\"detail\":");
        JsonText.quote(json, detail);
        if (!instance.isEmpty()) {
            JsonText.quote(json.append(",\"instance\":"), instance);
        }
        if (!available.isEmpty()) {
            json.append(",\"available\":[");
            for (int i = 0; i < available.size(); i++) {
                JsonText.quote(i == 0 ? json : json.append(','), available.get(i));
            }
            json.append(']');
        }
        counts.forEach(
                (name, count) -> json.append(",\"").append(name).append("\":").append(count));
        return json.append("}\n").toString();
    }
}
