package org.millrace.journal;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** A content that knows its bytes and nothing else: all the journal needs. */
public record PlainContent(MediaType mediaType, byte[] raw) implements Content {
    @Override
    public int size() {
        return raw.length;
    }

    @Override
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(raw).asReadOnlyBuffer();
    }

    @Override
    public byte[] toByteArray() {
        return raw.clone();
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
            throw new ResourceException(ErrorCode.UNSUPPORTED, mediaType + " cannot be " + target);
        }
        return this;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PlainContent p && p.mediaType.equals(mediaType) && Arrays.equals(p.raw, raw);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(raw);
    }

    @Override
    public String toString() {
        return mediaType + "[" + raw.length + "]";
    }
}
