package org.millrace.examples.redis;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.testkit.ContentRules;

/** Enough of a merge patch (RFC 7396) for objects without objects in them. */
final class FlatMerge implements ContentRules {
    private final ObjectMapper json = new ObjectMapper();

    @Override
    public byte[] merge(@Nullable Content base, Content patch) {
        try {
            ObjectNode merged = base == null ? json.createObjectNode() : (ObjectNode) json.readTree(base.toByteArray());
            json.readTree(patch.toByteArray()).properties().forEach(change -> {
                if (change.getValue().isNull()) {
                    merged.remove(change.getKey());
                } else {
                    merged.set(change.getKey(), change.getValue());
                }
            });
            return json.writeValueAsBytes(merged);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
