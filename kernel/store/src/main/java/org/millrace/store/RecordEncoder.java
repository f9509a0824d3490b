package org.millrace.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Entry;

/**
 * Writes records in the form that {@link RecordCodec} reads. Owned by the thread that writes to the map; its buffer is
 * used again for every record.
 */
final class RecordEncoder {
    private ByteBuffer head = ByteBuffer.allocate(1024);
    private ByteBuffer body = ByteBuffer.allocate(0);

    /** Takes a record; {@link #size()} and {@link #writeTo} are about the one taken last. */
    void take(byte[] key, StoredEntry stored) {
        Entry entry = stored.entry();
        byte[] path = RecordKey.isShortened(key) ? entry.path().utf8() : null;
        byte mediaCode = RecordCodec.mediaCode(entry.content().mediaType());
        byte[] media = mediaCode == 0 ? name(entry.content().mediaType()) : null;
        byte[] properties = PropertiesCodec.encode(entry.properties());

        reserve(RecordCodec.HEADER + 2 + (path == null ? 0 : path.length) + 1 + 127 + properties.length);
        head.clear();
        head.put(RecordCodec.FORMAT)
                .put(path == null ? 0 : RecordCodec.HAS_PATH)
                .put(mediaCode)
                .put((byte) entry.qos().ordinal())
                .putInt(0)
                .putLong(entry.version().clock())
                .putLong(entry.version().node())
                .putLong(stored.seq())
                .putLong(Expiry.millis(entry.expiresAt()))
                .putInt(properties.length);
        if (path != null) {
            head.putShort((short) path.length).put(path);
        }
        if (media != null) {
            head.put((byte) media.length).put(media);
        }
        head.put(properties).flip();
        body = entry.content().bytes();
    }

    private void reserve(int size) {
        if (head.capacity() < size) {
            head = ByteBuffer.allocate(Math.max(size, head.capacity() * 2));
        }
    }

    private static byte[] name(MediaType type) {
        return type.name().getBytes(StandardCharsets.US_ASCII);
    }

    int size() {
        return head.remaining() + body.remaining();
    }

    void writeTo(ByteBuffer target) {
        target.put(head).put(body);
    }
}
