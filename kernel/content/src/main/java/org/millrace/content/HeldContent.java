package org.millrace.content;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;

/** Content that is held as the bytes it came in. */
abstract sealed class HeldContent implements Content permits OfferedContent, OpaqueContent, StructuredContent {
    private final MediaType mediaType;
    private final byte[] bytes;

    HeldContent(MediaType mediaType, byte[] bytes) {
        this.mediaType = mediaType;
        this.bytes = bytes;
    }

    /** The bytes themselves; not to be altered. */
    final byte[] array() {
        return bytes;
    }

    @Override
    public final MediaType mediaType() {
        return mediaType;
    }

    @Override
    public final int size() {
        return bytes.length;
    }

    @Override
    public final ByteBuffer bytes() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    @Override
    public final byte[] toByteArray() {
        return bytes.clone();
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof HeldContent that
                && mediaType.equals(that.mediaType)
                && isStructured() == that.isStructured()
                && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public final int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public final String toString() {
        return mediaType + " of " + bytes.length + " bytes";
    }
}
