package org.millrace.replication;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What nodes say when they claim names, as bytes, big-endian. A request: the node and the number of the request (u64
 * each), then the names, each as plugin and name (u16 length, UTF-8). An answer: the node, the number of the request, and
 * for each stream the last change of that node that the claimer must have; 0 for none (u64 each). Stateless, for any thread.
 */
final class ClaimCodec {
    private static final int MOST_NAMES = 1_024;
    private static final int MOST_BYTES = 128 << 10;
    private static final int LONGEST = 0xFFFF;

    private ClaimCodec() {}

    /** A name of a plugin. */
    record Name(String plugin, String name) {}

    /** What another node asks. */
    record Asked(long node, long batch, List<Name> names) {}

    /** What another node answers; {@code written} has a number for each stream, or one 0. */
    record Answer(long node, long batch, List<Long> written) {
        static final List<Long> NOTHING = List.of(0L);

        byte[] bytes() {
            ByteBuffer bytes = ByteBuffer.allocate((2 + written.size()) * Long.BYTES)
                    .putLong(node)
                    .putLong(batch);
            written.forEach(bytes::putLong);
            return bytes.array();
        }
    }

    /** A request that is being made. Used by one thread. */
    static final class Request {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        private int names;

        Request(long node, long batch) {
            bytes.writeBytes(ByteBuffer.allocate(2 * Long.BYTES)
                    .putLong(node)
                    .putLong(batch)
                    .array());
        }

        /** Adds a name; false if the request is full, which it never is for the first one. */
        boolean add(Name name) {
            byte[] text = utf8(name.name());
            if (names > 0 && (names >= MOST_NAMES || bytes.size() + text.length > MOST_BYTES)) {
                return false;
            }
            names++;
            text(utf8(name.plugin()));
            text(text);
            return true;
        }

        private void text(byte[] utf8) {
            bytes.write(utf8.length >> 8);
            bytes.write(utf8.length);
            bytes.writeBytes(utf8);
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }
    }

    /** Whether a name has room in a request. */
    static boolean isShort(String name) {
        return name.length() <= LONGEST / 3 || utf8(name).length <= LONGEST;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static Asked asked(byte[] request) {
        ByteBuffer bytes = ByteBuffer.wrap(request);
        long node = bytes.getLong();
        long batch = bytes.getLong();
        List<Name> names = new ArrayList<>();
        while (bytes.hasRemaining()) {
            names.add(new Name(text(bytes), text(bytes)));
        }
        return new Asked(node, batch, names);
    }

    private static String text(ByteBuffer bytes) {
        byte[] utf8 = new byte[Short.toUnsignedInt(bytes.getShort())];
        bytes.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    static Answer answer(byte[] answer) {
        ByteBuffer bytes = ByteBuffer.wrap(answer);
        long node = bytes.getLong();
        long batch = bytes.getLong();
        List<Long> written = new ArrayList<>();
        while (bytes.remaining() >= Long.BYTES) {
            written.add(bytes.getLong());
        }
        return new Answer(node, batch, written);
    }
}
