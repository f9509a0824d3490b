package org.millrace.plugin.sse;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Overflow;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.transport.HttpRequest;
import org.millrace.spi.transport.UrlText;

/**
 * What a request for an event stream asks for.
 *
 * @param filters which paths
 * @param start where to start
 * @param overflow what happens when the client is slower than the changes
 * @param query conditions on the records, or empty for none
 * @param shape what the data of an event is like
 */
record StreamRequest(List<TopicFilter> filters, Start start, Overflow overflow, String query, EventForm.Shape shape) {
    private static final String PARAMETERS = "subscribe, start, policy, data, format and lastEventId";

    /**
     * Reads a request.
     *
     * @param request its path names a record, a table or a filter; its query may say more
     * @param maxFilters how many filters it may name
     * @param formats the formats that contents can be had in
     * @return what it asks for
     * @throws ResourceException {@link ErrorCode#INVALID} for conditions on one record, or a bad value
     */
    static StreamRequest read(HttpRequest request, int maxFilters, List<MediaType> formats) {
        List<TopicFilter> filters = new ArrayList<>();
        Start start = Start.CURRENT;
        Overflow overflow = Overflow.EVERY;
        Optional<Boolean> envelope = Optional.empty();
        Optional<String> after = Optional.empty();
        MediaType format = MediaType.JSON;
        StringJoiner conditions = new StringJoiner("&");
        for (String pair :
                request.query().isEmpty() ? new String[0] : request.query().split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            if (!isParameter(name)) {
                // The query language has escapes of its own, so conditions stay as they were sent.
                conditions.add(pair);
                continue;
            }
            String value = equals < 0 ? "" : UrlText.decode(pair.substring(equals + 1));
            switch (name) {
                case "subscribe" -> filters.add(TopicFilter.of(value));
                case "start" -> start = chosen(name, value, "current", "now") ? Start.CURRENT : Start.NOW;
                case "policy" -> overflow = chosen(name, value, "every", "latest") ? Overflow.EVERY : Overflow.LATEST;
                case "data" -> envelope = Optional.of(chosen(name, value, "envelope", "value"));
                case "lastEventId" -> after = Optional.of(value);
                case "format" -> format = format(value, formats);
                default -> throw new IllegalStateException("parameter " + name + " is known but not read");
            }
        }
        if (!request.path().equals("/") || filters.isEmpty()) {
            filters.addFirst(named(request.path()));
        }
        if (filters.size() > maxFilters) {
            throw invalid("the stream names " + filters.size() + " filters; at most " + maxFilters + " are allowed");
        }
        // What the browser saw last is newer than what the page was written with.
        String resume = request.header("last-event-id").orElse("");
        if (resume.isEmpty()) {
            resume = after.orElse("");
        }
        if (!resume.isEmpty()) {
            start = new Start.After(Cursor.parse(resume));
        }
        boolean several = filters.size() > 1 || !filters.getFirst().isExact();
        if (conditions.length() > 0 && !several) {
            throw invalid("an event stream of one record takes " + PARAMETERS + " and no conditions");
        }
        return new StreamRequest(
                List.copyOf(filters),
                start,
                overflow,
                conditions.toString(),
                new EventForm.Shape(envelope.orElse(several), format));
    }

    private static boolean isParameter(String name) {
        return switch (name) {
            case "subscribe", "start", "policy", "data", "format", "lastEventId" -> true;
            default -> false;
        };
    }

    private static MediaType format(String value, List<MediaType> formats) {
        return switch (value) {
            case "json" -> MediaType.JSON;
            case "cbor" -> MediaType.CBOR;
            case "msgpack" -> MediaType.MSGPACK;
            default ->
                formats.stream()
                        .filter(format -> format.name().equals(value.toLowerCase(Locale.ROOT)))
                        .findFirst()
                        .orElseThrow(() -> invalid("parameter format is '" + value
                                + "'; it must be json, cbor, msgpack or one of "
                                + String.join(
                                        ", ",
                                        formats.stream().map(MediaType::name).toList())));
        };
    }

    private static TopicFilter named(String path) {
        if (path.equals("/")) {
            return TopicFilter.ALL;
        }
        String text = UrlText.decode(path.substring(1));
        boolean table = path.endsWith("/") && text.indexOf('/') == text.length() - 1;
        return table ? TopicFilter.table(text.substring(0, text.length() - 1)) : TopicFilter.of(text);
    }

    private static boolean chosen(String name, String value, String first, String second) {
        if (!value.equals(first) && !value.equals(second)) {
            throw invalid("parameter " + name + " is '" + value + "'; it must be " + first + " or " + second);
        }
        return value.equals(first);
    }

    private static ResourceException invalid(String message) {
        return new ResourceException(ErrorCode.INVALID, message);
    }

    /** The subscription that serves this, from a place. */
    SubscribeRequest from(Start place) {
        return new SubscribeRequest(filters, place, overflow, query);
    }
}
