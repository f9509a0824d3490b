package org.millrace.content;

import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;

/** A structured content written in a format of a plugin's. Other formats are had from what it was written of. */
final class OfferedContent extends HeldContent {
    private final StructuredContent source;

    OfferedContent(MediaType mediaType, byte[] bytes, StructuredContent source) {
        super(mediaType, bytes);
        this.source = source;
    }

    StructuredContent source() {
        return source;
    }

    @Override
    public boolean isStructured() {
        return true;
    }

    @Override
    public boolean canBe(MediaType target) {
        return target.equals(mediaType()) || source.canBe(target);
    }

    @Override
    public Content as(MediaType target) {
        return target.equals(mediaType()) ? this : source.as(target);
    }
}
