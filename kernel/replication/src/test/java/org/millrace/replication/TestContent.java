package org.millrace.replication;

import java.nio.ByteBuffer;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;

/** Bytes as they are. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record TestContent(MediaType mediaType, byte[] array) implements Content {
    @Override
    public int size() {
        return array.length;
    }

    @Override
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(array).asReadOnlyBuffer();
    }

    @Override
    public byte[] toByteArray() {
        return array.clone();
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
        return this;
    }
}
