package org.millrace.testkit;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.ContentFormat;
import org.millrace.spi.content.Contents;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.plugin.Extensions;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;

/** Contents by a test's {@link ContentRules}, and in the formats that plugins teach. */
final class MemoryContents implements Contents, Extensions.Consumer<ContentFormat> {
    private static final List<MediaType> STRUCTURED = List.of(MediaType.JSON, MediaType.CBOR, MediaType.MSGPACK);

    private final ContentRules rules;
    private final int maxSize;
    private final Map<MediaType, ContentFormat> taught = new ConcurrentHashMap<>();

    MemoryContents(ContentRules rules, int maxSize) {
        this.rules = rules;
        this.maxSize = maxSize;
    }

    @Override
    public void added(String pluginId, ContentFormat format) {
        taught.put(format.mediaType(), format);
    }

    @Override
    public void removed(String pluginId, ContentFormat format) {
        taught.remove(format.mediaType(), format);
    }

    @Override
    public Content of(MediaType declared, byte[] bytes) {
        checkSize(bytes);
        ContentFormat format = taught.get(declared);
        if (format != null) {
            try {
                return of(format.model(), format.decode(bytes));
            } catch (IllegalArgumentException malformed) {
                throw new ResourceException(
                        ErrorCode.INVALID, "malformed " + declared + ": " + malformed.getMessage(), malformed);
            }
        }
        rules.check(declared, bytes);
        return new Stored(declared, bytes);
    }

    @Override
    public Content detect(byte[] bytes) {
        checkSize(bytes);
        return new Stored(JsonSyntax.firstError(bytes) < 0 ? MediaType.JSON : MediaType.OCTET_STREAM, bytes);
    }

    @Override
    public List<MediaType> formats() {
        return Stream.concat(
                        STRUCTURED.stream(), taught.keySet().stream().sorted(Comparator.comparing(MediaType::name)))
                .toList();
    }

    @Override
    public int maxSize() {
        return maxSize;
    }

    Content merge(@Nullable Content base, Content patch) {
        byte[] merged = rules.merge(base, patch);
        if (base != null) {
            return new Stored(base.mediaType(), merged);
        }
        MediaType type = patch.mediaType();
        boolean patchOnly = type.equals(MediaType.MERGE_PATCH) || type.equals(MediaType.JSON_PATCH);
        return new Stored(patchOnly ? MediaType.JSON : type, merged);
    }

    /** What a query asks; everything for the empty one. */
    BiPredicate<Path, Content> condition(String query) {
        return query.isEmpty() ? (_, _) -> true : rules.condition(query);
    }

    private void checkSize(byte[] bytes) {
        if (bytes.length > maxSize) {
            throw new ResourceException(
                    ErrorCode.TOO_LARGE, "content has " + bytes.length + " bytes; at most " + maxSize + " are allowed");
        }
    }

    private final class Stored implements Content {
        private final MediaType type;
        private final byte[] bytes;
        private final ConcurrentHashMap<MediaType, Content> others = new ConcurrentHashMap<>();

        Stored(MediaType type, byte[] bytes) {
            this.type = type;
            this.bytes = bytes;
        }

        @Override
        public MediaType mediaType() {
            return type;
        }

        @Override
        public int size() {
            return bytes.length;
        }

        @Override
        public ByteBuffer bytes() {
            return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
        }

        @Override
        public byte[] toByteArray() {
            return bytes.clone();
        }

        @Override
        public boolean isStructured() {
            return STRUCTURED.contains(type);
        }

        @Override
        public boolean canBe(MediaType target) {
            return type.equals(target) || isStructured() && (rules.canTranscode(type, target) || canBeWritten(target));
        }

        private boolean canBeWritten(MediaType target) {
            if (!taught.containsKey(target)) {
                return false;
            }
            try {
                var _ = as(target);
                return true;
            } catch (ResourceException unsayable) {
                return false;
            }
        }

        @Override
        public Content as(MediaType target) {
            if (type.equals(target)) {
                return this;
            }
            ContentFormat format = taught.get(target);
            if (format != null && isStructured()) {
                return others.computeIfAbsent(target, t -> new Stored(t, write(format)));
            }
            if (!canBe(target)) {
                throw new ResourceException(ErrorCode.UNSUPPORTED, type + " cannot be had as " + target);
            }
            return others.computeIfAbsent(target, t -> new Stored(t, rules.transcode(this, t)));
        }

        private byte[] write(ContentFormat format) {
            try {
                return format.encode(as(format.model()).toByteArray());
            } catch (IllegalArgumentException unsayable) {
                throw new ResourceException(ErrorCode.UNSUPPORTED, type + ": " + unsayable.getMessage(), unsayable);
            }
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Stored s && s.type.equals(type) && Arrays.equals(s.bytes, bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return type + ", " + bytes.length + " bytes";
        }
    }
}
