package org.millrace.examples.redis;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.millrace.spi.resource.Path;

/**
 * Which record a key names: {@code sensors/hall} the record of that path, and a key without a slash the record of that
 * id in one table.
 *
 * @param table where keys without a slash live
 */
record Keys(String table) {
    /**
     * The record of a key.
     *
     * @throws RedisException for a key that is no UTF-8
     * @throws org.millrace.spi.resource.ResourceException for one that is no path
     */
    Path path(byte[] key) {
        try {
            return path(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(key))
                    .toString());
        } catch (CharacterCodingException e) {
            throw new RedisException("ERR a key must be UTF-8, for it is a path");
        }
    }

    Path path(String key) {
        return key.indexOf('/') < 0 ? Path.of(table, key) : Path.of(key);
    }

    /** The key of a record: the shorter one where it has two. */
    String key(Path path) {
        return path.table().equals(table)
                        && path.id().indexOf('/') < 0
                        && !path.id().isEmpty()
                ? path.id()
                : path.toString();
    }
}
