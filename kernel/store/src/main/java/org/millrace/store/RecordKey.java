package org.millrace.store;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.millrace.spi.resource.Path;

/**
 * The form of a path as a key: its UTF-8 bytes, whose order is the paths' order. A path of more than {@link #PREFIX}
 * bytes becomes its first {@link #PREFIX} bytes, 0xFF, which no UTF-8 text holds, and 16 bytes of the SHA-256 of the
 * whole; the full path is then in the value. Such keys sort behind every shorter path with the same beginning; among
 * themselves, those that share their first {@link #PREFIX} bytes are ordered by hash.
 */
final class RecordKey {
    /** How many bytes of a path a key holds at most. */
    static final int PREFIX = 480;

    private static final int HASH = 16;
    private static final int LONG_LENGTH = PREFIX + 1 + HASH;
    private static final byte MARK = (byte) 0xFF;

    private RecordKey() {}

    static byte[] of(Path path) {
        return of(path.utf8());
    }

    /** The key of a path's UTF-8 bytes; may be the given array. */
    static byte[] of(byte[] utf8) {
        if (utf8.length <= PREFIX) {
            return utf8;
        }
        byte[] key = Arrays.copyOf(utf8, LONG_LENGTH);
        key[PREFIX] = MARK;
        System.arraycopy(sha256(utf8), 0, key, PREFIX + 1, HASH);
        return key;
    }

    /** The order of paths by their keys. */
    static int compare(Path a, Path b) {
        // No character has more than three bytes for each char: such paths are their own keys.
        boolean plain = a.toString().length() <= PREFIX / 3 && b.toString().length() <= PREFIX / 3;
        return plain ? a.compareTo(b) : Arrays.compareUnsigned(of(a), of(b));
    }

    /** Whether the key holds a prefix and a hash only. */
    static boolean isShortened(byte[] key) {
        return key.length == LONG_LENGTH && key[PREFIX] == MARK;
    }

    /** The path of a key that is not {@link #isShortened shortened}. */
    static Path path(byte[] key) {
        return Path.of(new String(key, StandardCharsets.UTF_8));
    }

    /** A key for people to read. */
    static String shown(byte[] key) {
        return isShortened(key)
                ? new String(key, 0, 60, StandardCharsets.UTF_8) + "..."
                : new String(key, StandardCharsets.UTF_8);
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
