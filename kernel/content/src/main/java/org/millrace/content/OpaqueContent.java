package org.millrace.content;

import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** Bytes that Millrace hands on and does not look into. */
final class OpaqueContent extends HeldContent {
    OpaqueContent(MediaType mediaType, byte[] bytes) {
        super(mediaType, bytes);
    }

    @Override
    public boolean isStructured() {
        return false;
    }

    @Override
    public boolean canBe(MediaType target) {
        return target.equals(mediaType());
    }

    @Override
    public Content as(MediaType target) {
        if (!canBe(target)) {
            throw new ResourceException(
                    ErrorCode.UNSUPPORTED,
                    "the content is " + mediaType() + ", which cannot be had as " + target
                            + "; only JSON, CBOR and MessagePack are converted");
        }
        return this;
    }
}
