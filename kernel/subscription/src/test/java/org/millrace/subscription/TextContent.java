package org.millrace.subscription;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;

/** A content of plain text. */
record TextContent(String text) implements Content {
    @Override
    public MediaType mediaType() {
        return MediaType.TEXT;
    }

    @Override
    public int size() {
        return toByteArray().length;
    }

    @Override
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(toByteArray()).asReadOnlyBuffer();
    }

    @Override
    public byte[] toByteArray() {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean isStructured() {
        return false;
    }

    @Override
    public boolean canBe(MediaType target) {
        return target.equals(MediaType.TEXT);
    }

    @Override
    public Content as(MediaType target) {
        return this;
    }

    static String of(Content content) {
        return ((TextContent) content).text();
    }
}
