package org.millrace.content;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.ContentFormat;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** The formats that plugins teach the host, by their media types. Safe for use by any thread. */
final class OfferedFormats {
    private static final Set<MediaType> UNTYPED = Set.of(MediaType.OCTET_STREAM, MediaType.TEXT);

    private static final List<MediaType> OWN = List.of(MediaType.JSON, MediaType.CBOR, MediaType.MSGPACK);

    private volatile Map<MediaType, ContentFormat> byType = Map.of();

    synchronized void add(ContentFormat format) {
        MediaType type = format.mediaType();
        if (StructuredFormat.of(type) != null || UNTYPED.contains(type)) {
            throw new IllegalArgumentException(type + " is the host's own");
        }
        if (StructuredFormat.named(format.model()) == null) {
            throw new IllegalArgumentException("it decodes " + type + " to " + format.model() + ", which is not one of "
                    + MediaType.JSON + ", " + MediaType.CBOR + " and " + MediaType.MSGPACK);
        }
        Map<MediaType, ContentFormat> all = new HashMap<>(byType);
        if (all.putIfAbsent(type, format) != null) {
            throw new IllegalArgumentException(type + " is another plugin's already");
        }
        byType = Map.copyOf(all);
    }

    synchronized void remove(ContentFormat format) {
        Map<MediaType, ContentFormat> all = new HashMap<>(byType);
        all.values().removeIf(format::equals);
        byType = Map.copyOf(all);
    }

    @Nullable
    ContentFormat of(MediaType type) {
        return byType.get(type);
    }

    /** The host's own formats and these. */
    List<MediaType> all() {
        return Stream.concat(OWN.stream(), byType.keySet().stream().sorted(Comparator.comparing(MediaType::name)))
                .toList();
    }

    /** What a client sent, in the format's model; not checked yet. */
    static byte[] decode(ContentFormat format, byte[] bytes) {
        try {
            return format.decode(bytes);
        } catch (ResourceException refusal) {
            throw refusal;
        } catch (IllegalArgumentException malformed) {
            throw new ResourceException(
                    ErrorCode.INVALID, "malformed " + format.mediaType() + ": " + malformed.getMessage(), malformed);
        } catch (RuntimeException | LinkageError | StackOverflowError defect) {
            throw new ResourceException(
                    ErrorCode.INTERNAL, "the plugin that reads " + format.mediaType() + " failed", defect);
        }
    }

    /** A content in the format. */
    static byte[] encode(ContentFormat format, byte[] model) {
        try {
            return format.encode(model);
        } catch (ResourceException refusal) {
            throw refusal;
        } catch (IllegalArgumentException unsayable) {
            throw new ResourceException(
                    ErrorCode.UNSUPPORTED,
                    "the content cannot be had as " + format.mediaType() + ": " + unsayable.getMessage(),
                    unsayable);
        } catch (RuntimeException | LinkageError | StackOverflowError defect) {
            throw new ResourceException(
                    ErrorCode.INTERNAL, "the plugin that writes " + format.mediaType() + " failed", defect);
        }
    }
}
