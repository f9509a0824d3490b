package org.millrace.content;

import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.ContentFormat;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/**
 * JSON, CBOR or MessagePack, well-formed. Keeps what it was transcoded to.
 *
 * <p>The kept forms are plain fields: threads that race transcode more than once and get equal results. That is safe, as
 * all else in this class is final.
 */
final class StructuredContent extends HeldContent {
    /** What became of writing this in a format of a plugin's: it is asked of for every receiver of a change. */
    private record Written(MediaType type, @Nullable OfferedContent content, ErrorCode code, String refusal) {
        Written(MediaType type, OfferedContent content) {
            this(type, content, ErrorCode.UNSUPPORTED, "");
        }

        /** Without the exception itself, which would hold the plugin's classes for as long as this content lives. */
        Written(MediaType type, ResourceException refusal) {
            this(type, null, refusal.code(), String.valueOf(refusal.getMessage()));
        }
    }

    private static final OfferedFormats NONE_OFFERED = new OfferedFormats();

    private final StructuredFormat format;
    private final OfferedFormats offered;
    // What this was transcoded from: asked for other formats, so that nothing is transcoded twice over.
    private final @Nullable StructuredContent source;

    private @Nullable StructuredContent json;
    private @Nullable StructuredContent cbor;
    private @Nullable StructuredContent messagePack;
    private @Nullable Written lastWritten;

    StructuredContent(MediaType mediaType, StructuredFormat format, byte[] bytes, OfferedFormats offered) {
        this(mediaType, format, bytes, offered, null);
    }

    private StructuredContent(
            MediaType mediaType,
            StructuredFormat format,
            byte[] bytes,
            OfferedFormats offered,
            @Nullable StructuredContent source) {
        super(mediaType, bytes);
        this.format = format;
        this.offered = offered;
        this.source = source;
    }

    /** A content as one of this class, or null if it is opaque. */
    static @Nullable StructuredContent from(Content content) {
        if (content instanceof StructuredContent ours) {
            return ours;
        }
        if (content instanceof OfferedContent written) {
            return written.source();
        }
        StructuredFormat format = content.isStructured() ? StructuredFormat.of(content.mediaType()) : null;
        return format == null
                ? null
                : new StructuredContent(content.mediaType(), format, content.toByteArray(), NONE_OFFERED);
    }

    StructuredFormat format() {
        return format;
    }

    ValueReader reader() {
        return format.reader(array(), 0, size());
    }

    @Override
    public boolean isStructured() {
        return true;
    }

    @Override
    public boolean canBe(MediaType target) {
        if (target.equals(mediaType())
                || source != null && target.equals(source.mediaType())
                || StructuredFormat.named(target) != null) {
            return true;
        }
        if (source != null) {
            return source.canBe(target);
        }
        ContentFormat taught = offered.of(target);
        return taught != null && written(target, taught).content != null;
    }

    @Override
    public Content as(MediaType target) {
        if (target.equals(mediaType())) {
            return this;
        }
        if (source != null) {
            return source.as(target);
        }
        StructuredFormat wanted = StructuredFormat.named(target);
        if (wanted == null) {
            ContentFormat taught = offered.of(target);
            if (taught != null) {
                return given(written(target, taught));
            }
            throw new ResourceException(
                    ErrorCode.UNSUPPORTED,
                    "the content is " + mediaType() + ", which cannot be had as " + target + ", only as "
                            + MediaType.JSON + ", " + MediaType.CBOR + " or " + MediaType.MSGPACK);
        }
        StructuredContent kept = kept(wanted);
        return kept != null ? kept : keep(wanted, transcode(wanted));
    }

    private static Content given(Written written) {
        if (written.content == null) {
            throw new ResourceException(written.code, written.refusal);
        }
        return written.content;
    }

    private Written written(MediaType target, ContentFormat taught) {
        Written last = lastWritten;
        if (last == null || !last.type.equals(target)) {
            last = write(target, taught);
            lastWritten = last;
        }
        return last;
    }

    private Written write(MediaType target, ContentFormat taught) {
        byte[] model = as(taught.model()).toByteArray();
        try {
            return new Written(target, new OfferedContent(target, OfferedFormats.encode(taught, model), this));
        } catch (ResourceException refusal) {
            return new Written(target, refusal);
        }
    }

    private @Nullable StructuredContent kept(StructuredFormat wanted) {
        return switch (wanted) {
            case JSON -> json;
            case CBOR -> cbor;
            case MESSAGE_PACK -> messagePack;
        };
    }

    private StructuredContent keep(StructuredFormat wanted, StructuredContent made) {
        switch (wanted) {
            case JSON -> json = made;
            case CBOR -> cbor = made;
            case MESSAGE_PACK -> messagePack = made;
        }
        return made;
    }

    private StructuredContent transcode(StructuredFormat wanted) {
        if (wanted == format) {
            // Only the name differs: application/geo+json as application/json.
            return new StructuredContent(wanted.mediaType(), format, array(), offered, this);
        }
        ValueWriter out = wanted.writer();
        try (ValueReader in = reader()) {
            out.copy(in);
        }
        return new StructuredContent(wanted.mediaType(), wanted, out.finish(), offered, this);
    }
}
