package org.millrace.plugin.sse;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.SharedForm;

/**
 * How a change becomes an event (WHATWG HTML section 9.2.5). All streams share the bytes of one change; the four forms
 * differ in whether the data names the path, and whether there is an {@code id} to resume after.
 */
final class EventForm {
    private static final SharedForm<byte[]> VALUE = new SharedForm<>("sse value", c -> encode(c, false, false));
    private static final SharedForm<byte[]> VALUE_ID = new SharedForm<>("sse value id", c -> encode(c, false, true));
    private static final SharedForm<byte[]> ENVELOPE = new SharedForm<>("sse envelope", c -> encode(c, true, false));
    private static final SharedForm<byte[]> ENVELOPE_ID =
            new SharedForm<>("sse envelope id", c -> encode(c, true, true));
    private static final byte[] NULL = {'n', 'u', 'l', 'l'};

    private EventForm() {}

    /**
     * A change as an event.
     *
     * @param change any change
     * @param envelope whether the data names the path
     * @param id whether it is safe to resume after it
     * @return shared by all streams, not to be altered
     */
    static byte[] of(Change change, boolean envelope, boolean id) {
        if (envelope) {
            return change.shared(id ? ENVELOPE_ID : ENVELOPE);
        }
        return change.shared(id ? VALUE_ID : VALUE);
    }

    private static byte[] encode(Change change, boolean envelope, boolean id) {
        StringBuilder head = new StringBuilder(128);
        head.append("event: ").append(change.kind().name().toLowerCase(Locale.ROOT));
        if (id) {
            head.append("\nid: ").append(change.cursor());
        }
        head.append("\ndata: ");
        Optional<Content> content = change.content();
        boolean opaque = content.isPresent() && !content.get().canBe(MediaType.JSON);
        if (envelope) {
            head.append("{\"path\":");
            JsonText.quote(head, change.path().toString());
            head.append(",\"etag\":\"").append(change.version()).append("\",");
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
            value = oneLine(content.get().as(MediaType.JSON).toByteArray());
        }
        ByteArrayOutputStream event = new ByteArrayOutputStream(head.length() + value.length + tail.length());
        event.writeBytes(head.toString().getBytes(StandardCharsets.UTF_8));
        event.writeBytes(value);
        event.writeBytes(tail.getBytes(StandardCharsets.US_ASCII));
        return event.toByteArray();
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
