package org.millrace.content;

import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
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
    private final StructuredFormat format;
    // What this was transcoded from: asked for other formats, so that nothing is transcoded twice over.
    private final @Nullable StructuredContent source;

    private @Nullable StructuredContent json;
    private @Nullable StructuredContent cbor;
    private @Nullable StructuredContent messagePack;

    StructuredContent(MediaType mediaType, StructuredFormat format, byte[] bytes) {
        this(mediaType, format, bytes, null);
    }

    private StructuredContent(
            MediaType mediaType, StructuredFormat format, byte[] bytes, @Nullable StructuredContent source) {
        super(mediaType, bytes);
        this.format = format;
        this.source = source;
    }

    /** A content as one of this class, or null if it is opaque. */
    static @Nullable StructuredContent from(Content content) {
        if (content instanceof StructuredContent ours) {
            return ours;
        }
        StructuredFormat format = content.isStructured() ? StructuredFormat.of(content.mediaType()) : null;
        return format == null ? null : new StructuredContent(content.mediaType(), format, content.toByteArray());
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
        return target.equals(mediaType())
                || source != null && target.equals(source.mediaType())
                || StructuredFormat.named(target) != null;
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
            throw new ResourceException(
                    ErrorCode.UNSUPPORTED,
                    "the content is " + mediaType() + ", which cannot be had as " + target + ", only as "
                            + MediaType.JSON + ", " + MediaType.CBOR + " or " + MediaType.MSGPACK);
        }
        StructuredContent kept = kept(wanted);
        return kept != null ? kept : keep(wanted, transcode(wanted));
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
            return new StructuredContent(wanted.mediaType(), format, array(), this);
        }
        ValueWriter out = wanted.writer();
        try (ValueReader in = reader()) {
            out.copy(in);
        }
        return new StructuredContent(wanted.mediaType(), wanted, out.finish(), this);
    }
}
