package org.millrace.content;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** Bytes that Millrace hands on and does not look into. */
final class OpaqueContent implements Content {
    private final MediaType mediaType;
    private final byte[] bytes;

    OpaqueContent(MediaType mediaType, byte[] bytes) {
        this.mediaType = mediaType;
        this.bytes = bytes;
    }

    @Override
    public MediaType mediaType() {
        return mediaType;
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
        return false;
    }

    @Override
    public boolean canBe(MediaType target) {
        return target.equals(mediaType);
    }

    @Override
    public Content as(MediaType target) {
        if (!canBe(target)) {
            throw new ResourceException(
                    ErrorCode.UNSUPPORTED,
                    "the content is " + mediaType + ", which cannot be had as " + target
                            + "; only JSON, CBOR and MessagePack are converted");
        }
        return this;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof OpaqueContent that
                && mediaType.equals(that.mediaType)
                && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return mediaType + " of " + bytes.length + " bytes";
    }
}
