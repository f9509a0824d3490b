package org.millrace.plugin.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.testkit.ContentRules;

/** JSON and CBOR become each other, and merge patches are merged. */
final class JacksonRules implements ContentRules {
    private static final Set<MediaType> KNOWN = Set.of(MediaType.JSON, MediaType.CBOR);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper CBOR = new CBORMapper();

    private static ObjectMapper mapper(MediaType type) {
        return type.equals(MediaType.CBOR) ? CBOR : JSON;
    }

    @Override
    public boolean canTranscode(MediaType from, MediaType target) {
        return KNOWN.contains(from) && KNOWN.contains(target);
    }

    @Override
    public byte[] transcode(Content content, MediaType target) {
        return write(target, read(content));
    }

    @Override
    public byte[] merge(@Nullable Content base, Content patch) {
        MediaType type = base == null ? patch.mediaType() : base.mediaType();
        return write(type, merged(base == null ? JSON.createObjectNode() : read(base), read(patch)));
    }

    private static JsonNode merged(JsonNode base, JsonNode patch) {
        if (!patch.isObject()) {
            return patch;
        }
        ObjectNode result = base.isObject() ? base.deepCopy() : JSON.createObjectNode();
        patch.properties().forEach(p -> {
            if (p.getValue().isNull()) {
                result.remove(p.getKey());
            } else {
                result.set(p.getKey(), merged(result.path(p.getKey()), p.getValue()));
            }
        });
        return result;
    }

    static JsonNode read(Content content) {
        try {
            return mapper(content.mediaType()).readTree(content.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] write(MediaType type, JsonNode node) {
        try {
            return mapper(type).writeValueAsBytes(node);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
