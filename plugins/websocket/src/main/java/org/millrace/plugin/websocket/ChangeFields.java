package org.millrace.plugin.websocket;

import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.millrace.plugin.websocket.envelope.FieldWriter;
import org.millrace.plugin.websocket.envelope.Fields;
import org.millrace.plugin.websocket.envelope.WireFormat;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Properties;
import org.millrace.spi.resource.SharedForm;
import org.millrace.spi.resource.Version;
import org.millrace.spi.resource.WriteOptions;

/** The fields that all subscribers of one format get alike for a change, with and without a place to resume after. */
final class ChangeFields {
    private static final Map<WireFormat, SharedForm<Fields>> PLAIN = forms(false);
    private static final Map<WireFormat, SharedForm<Fields>> RESUMABLE = forms(true);

    private ChangeFields() {}

    private static Map<WireFormat, SharedForm<Fields>> forms(boolean cursor) {
        Map<WireFormat, SharedForm<Fields>> forms = new EnumMap<>(WireFormat.class);
        for (WireFormat format : WireFormat.values()) {
            forms.put(
                    format,
                    new SharedForm<>(
                            format.subprotocol() + (cursor ? " cursor" : ""),
                            change -> encode(format, change, cursor)));
        }
        return forms;
    }

    /**
     * A change's fields, made once.
     *
     * @param format the client's
     * @param change any change
     * @param cursor whether it is safe to resume after it
     * @return shared by all subscribers
     */
    static Fields of(WireFormat format, Change change, boolean cursor) {
        return change.shared(Objects.requireNonNull((cursor ? RESUMABLE : PLAIN).get(format)));
    }

    private static Fields encode(WireFormat format, Change change, boolean cursor) {
        FieldWriter fields = new FieldWriter(format)
                .text("event", change.kind().name().toLowerCase(Locale.ROOT))
                .text("path", change.path().toString());
        if (cursor) {
            fields.text("cursor", change.cursor().toString());
        }
        beside(fields, change.version(), change.properties(), change.expiresAt());
        change.content().ifPresent(fields::content);
        return fields.done();
    }

    /** What a record has beside its content. */
    static void beside(FieldWriter fields, Version version, Properties properties, Instant expiresAt) {
        fields.text("etag", version.toString());
        if (!expiresAt.equals(WriteOptions.NEVER)) {
            fields.text("expires", expiresAt.toString());
        }
        Map<String, String> user = new LinkedHashMap<>();
        for (Properties.Text property : properties.user()) {
            user.putIfAbsent(property.name(), property.value());
        }
        if (!user.isEmpty()) {
            fields.textMap("properties", user);
        }
    }
}
