package org.millrace.plugin.sse;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.Reason;
import org.millrace.spi.resource.SharedForm;

/**
 * How a change becomes an event (WHATWG HTML section 9.2.5). All streams that want the same share the bytes of one
 * change.
 */
final class EventForm {
    /**
     * What a stream wants of its events.
     *
     * @param envelope whether the data names the path
     * @param format the format of structured contents; what is not JSON is given as Base64
     */
    record Shape(boolean envelope, MediaType format) {}

    /** A shape, the event's name if it is not the kind's, and whether there is an {@code id} to resume after. */
    private record Key(Shape shape, String name, boolean id) {}

    private static final byte[] NULL = {'n', 'u', 'l', 'l'};
    /** Few: the parts of a key have few values, formats those that the host has or had. */
    private static final Map<Key, SharedForm<byte[]>> FORMS = new ConcurrentHashMap<>();

    private EventForm() {}

    /**
     * A change as an event.
     *
     * @param change any change
     * @param reason why it is shown
     * @param shape what the stream wants
     * @param id whether it is safe to resume after it
     * @return shared by all streams, not to be altered
     */
    static byte[] of(Change change, Reason reason, Shape shape, boolean id) {
        String name = switch (reason) {
            case ENTER -> "enter";
            case LEAVE -> "leave";
            case CURRENT, LIVE, UPDATE -> "";
        };
        return change.shared(FORMS.computeIfAbsent(new Key(shape, name, id), EventForm::form));
    }

    private static SharedForm<byte[]> form(Key key) {
        return new SharedForm<>(
                "sse " + key,
                change -> encode(
                        change, key.name(), key.shape().envelope(), key.shape().format(), key.id()));
    }

    private static byte[] encode(Change change, String name, boolean envelope, MediaType format, boolean id) {
        StringBuilder head = new StringBuilder(128);
        head.append("event: ").append(name.isEmpty() ? change.kind().name().toLowerCase(Locale.ROOT) : name);
        if (id) {
            head.append("\nid: ").append(change.cursor());
        }
        head.append("\ndata: ");
        Optional<Content> content = change.content().map(c -> c.canBe(format) ? c.as(format) : c);
        boolean opaque = content.isPresent() && !content.get().mediaType().equals(MediaType.JSON);
        if (envelope) {
            head.append("{\"path\":");
            JsonText.quote(head, change.path().toString());
            head.append(",\"etag\":\"").append(change.version()).append("\",");
            properties(head, change.properties().user());
            head.append(opaque ? "" : "\"value\":");
        } else if (opaque) {
            head.append('{');
        }
        String tail = envelope ? "}\n\n" : "\n\n";
        byte[] value = NULL;
        if (opaque) {
            head.append("\"type\":\"").append(content.get().mediaType()).append("\",\"base64\":\"");
            value = Base64.getEncoder().encode(content.get().toByteArray());
            tail = "\"}\n\n";
        } else if (content.isPresent()) {
            value = oneLine(content.get().toByteArray());
        }
        ByteArrayOutputStream event = new ByteArrayOutputStream(head.length() + value.length + tail.length());
        event.writeBytes(head.toString().getBytes(StandardCharsets.UTF_8));
        event.writeBytes(value);
        event.writeBytes(tail.getBytes(StandardCharsets.US_ASCII));
        return event.toByteArray();
    }

    /** What the sender said beside the content; of a name that comes again the last value stands. */
    private static void properties(StringBuilder head, List<Properties.Text> user) {
        if (user.isEmpty()) {
            return;
        }
        Map<String, String> values = new LinkedHashMap<>();
        user.forEach(property -> values.put(property.name(), property.value()));
        String separator = "\"properties\":{";
        for (Map.Entry<String, String> value : values.entrySet()) {
            head.append(separator);
            JsonText.quote(head, value.getKey());
            head.append(':');
            JsonText.quote(head, value.getValue());
            separator = ",";
        }
        head.append("},");
    }

    /** Line ends would end the field. In JSON they are white space always, since strings cannot hold them. */
    private static byte[] oneLine(byte[] json) {
        for (int i = 0; i < json.length; i++) {
            if (json[i] == '\n' || json[i] == '\r') {
                json[i] = ' ';
            }
        }
        return json;
    }
}
