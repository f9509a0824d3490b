package org.millrace.replication;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Messages that are larger than the NATS servers take, in parts: cut by the sender, put together by the receiver, in
 * whatever order the parts come and however often. A part is {@code "MRP"} and the format (1), origin, a checksum of the
 * whole (u64 each), which part of how many it is (u32 each), then its bytes. Pure; used by one thread.
 *
 * <p>Only so much is kept of what is not whole. What was given up is missing then, and asked for again.
 */
final class Parts {
    private static final int MAGIC = 'M' << 24 | 'R' << 16 | 'P' << 8 | 1;
    private static final int HEAD = 28;
    private static final int MOST_PARTS = 1 << 16;

    private final long maxBytes;
    private final Map<Key, Assembly> open = new LinkedHashMap<>();
    private long bytes;

    /** Which message parts belong to. */
    private record Key(long origin, long checksum, int count) {}

    /** What has come of a message. */
    private static final class Assembly {
        private final Map<Integer, byte[]> parts = new HashMap<>();
        private long size;
        private long firstPlace;

        private Assembly(long firstPlace) {
            this.firstPlace = firstPlace;
        }
    }

    /**
     * A message that is whole.
     *
     * @param place of its first part in the stream
     * @param bytes of the message
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Whole(long place, byte[] bytes) {}

    /**
     * Begins with nothing.
     *
     * @param maxBytes how much of messages that are not whole is kept
     */
    Parts(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * A message as it is sent.
     *
     * @param origin the sender
     * @param message its bytes
     * @param most how many bytes may go at once
     * @return the message itself if it is small enough
     */
    static List<byte[]> cut(long origin, byte[] message, int most) {
        if (message.length <= most) {
            return List.of(message);
        }
        int step = most - HEAD;
        int count = (message.length + step - 1) / step;
        long checksum = checksum(message);
        List<byte[]> parts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int from = i * step;
            int length = Math.min(step, message.length - from);
            parts.add(ByteBuffer.allocate(HEAD + length)
                    .putInt(MAGIC)
                    .putLong(origin)
                    .putLong(checksum)
                    .putInt(i)
                    .putInt(count)
                    .put(message, from, length)
                    .array());
        }
        return parts;
    }

    private static long checksum(byte[] message) {
        CRC32C crc = new CRC32C();
        crc.update(message, 0, message.length);
        return crc.getValue() << 32 | message.length;
    }

    /**
     * Takes what came from the stream.
     *
     * @param place its place there
     * @param data a message or a part of one
     * @return a message that is whole now; null if more is to come, or it was whole before
     */
    @Nullable
    Whole offer(long place, byte[] data) {
        if (data.length < HEAD || ByteBuffer.wrap(data).getInt() != MAGIC) {
            return new Whole(place, data);
        }
        ByteBuffer part = ByteBuffer.wrap(data, Integer.BYTES, HEAD - Integer.BYTES);
        long origin = part.getLong();
        long checksum = part.getLong();
        int number = part.getInt();
        Key key = new Key(origin, checksum, part.getInt());
        if (number < 0 || number >= key.count() || key.count() > MOST_PARTS) {
            return new Whole(place, data); // whoever reads it finds out that it is none of ours
        }
        Assembly assembly = open.computeIfAbsent(key, k -> new Assembly(place));
        assembly.firstPlace = Math.min(assembly.firstPlace, place);
        if (assembly.parts.putIfAbsent(number, data) == null) {
            assembly.size += data.length - HEAD;
            bytes += data.length - HEAD;
        }
        if (assembly.parts.size() < key.count()) {
            giveUpBeyondBounds(key);
            return null;
        }
        remove(key, assembly);
        ByteBuffer whole = ByteBuffer.allocate(Math.toIntExact(assembly.size));
        for (int i = 0; i < key.count(); i++) {
            byte[] next = assembly.parts.get(i);
            if (next != null) {
                whole.put(next, HEAD, next.length - HEAD);
            }
        }
        return new Whole(assembly.firstPlace, whole.array());
    }

    private void remove(Key key, Assembly assembly) {
        open.remove(key);
        bytes -= assembly.size;
    }

    /** The newest is kept, so that there is progress. */
    private void giveUpBeyondBounds(Key newest) {
        Iterator<Map.Entry<Key, Assembly>> eldest = open.entrySet().iterator();
        while (bytes > maxBytes && eldest.hasNext()) {
            Map.Entry<Key, Assembly> next = eldest.next();
            if (!next.getKey().equals(newest)) {
                bytes -= next.getValue().size;
                eldest.remove();
            }
        }
    }

    /** Forgets what an origin has begun, for all of it has come otherwise. */
    void forget(long origin) {
        open.entrySet().removeIf(entry -> {
            boolean gone = entry.getKey().origin() == origin;
            bytes -= gone ? entry.getValue().size : 0;
            return gone;
        });
    }

    /** Before which place the stream need not be read again for messages that are not whole. */
    long resumeBefore() {
        return open.values().stream()
                .mapToLong(assembly -> assembly.firstPlace)
                .min()
                .orElse(Long.MAX_VALUE);
    }
}
