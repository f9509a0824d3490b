package org.millrace.plugin.sse;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads event streams as a browser does (WHATWG HTML section 9.2.6), and strictly: bytes that are no UTF-8 fail, where a
 * browser would replace them.
 */
final class EventStreamParser {
    /** An event as a page gets it. */
    record Event(String type, String data, String lastEventId) {}

    private final List<Event> events = new ArrayList<>();
    private String type = "";
    private StringBuilder data = new StringBuilder();
    private String lastEventId = "";
    private String idBuffer = "";
    private long retry = -1;

    private EventStreamParser() {}

    /** Reads a whole stream; an event that is not complete at its end is dropped, as the rules say. */
    static EventStreamParser read(byte[] stream) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(stream))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new AssertionError("the stream is no UTF-8", e);
        }
        EventStreamParser parser = new EventStreamParser();
        if (text.startsWith("\uFEFF")) {
            text = text.substring(1);
        }
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n' || c == '\r') {
                parser.line(text.substring(start, i));
                if (c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
                    i++;
                }
                start = i + 1;
            }
        }
        return parser;
    }

    static EventStreamParser read(String stream) {
        return read(stream.getBytes(StandardCharsets.UTF_8));
    }

    private void line(String line) {
        if (line.isEmpty()) {
            dispatch();
            return;
        }
        int colon = line.indexOf(':');
        if (colon == 0) {
            return;
        }
        String name = colon < 0 ? line : line.substring(0, colon);
        String value = colon < 0 ? "" : line.substring(colon + 1);
        if (value.startsWith(" ")) {
            value = value.substring(1);
        }
        switch (name) {
            case "event" -> type = value;
            case "data" -> data.append(value).append('\n');
            case "id" -> {
                if (value.indexOf('\0') < 0) {
                    idBuffer = value;
                }
            }
            case "retry" -> {
                if (!value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
                    retry = Long.parseLong(value);
                }
            }
            default -> {
                // Other fields are ignored.
            }
        }
    }

    private void dispatch() {
        lastEventId = idBuffer;
        if (!data.isEmpty()) {
            data.setLength(data.length() - 1);
            events.add(new Event(type.isEmpty() ? "message" : type, data.toString(), lastEventId));
        }
        data = new StringBuilder();
        type = "";
    }

    List<Event> events() {
        return events;
    }

    String lastEventId() {
        return lastEventId;
    }

    long retry() {
        return retry;
    }
}
