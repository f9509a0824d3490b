package org.millrace.host.config;

import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.Setting;

/**
 * The limits every client has, whatever its protocol.
 *
 * @param content the largest content
 * @param path the longest path
 * @param depth how deep structured content may nest
 * @param unread what may wait for the clients of all connections to be read; 0 for a share of the JVM's direct memory
 */
public record LimitsConfig(
        @Setting(value = "1MiB", min = 1024, max = 64L << 20, doc = "largest content of a record or message, to 64MiB")
        ByteSize content,

        @Setting(value = "4KiB", min = 64, max = 65_535, doc = "longest path, in UTF-8 bytes")
        ByteSize path,

        @Setting(value = "256", min = 8, max = 1000, doc = "how deep JSON, CBOR and MessagePack may nest")
        int depth,

        @Setting(
                value = "0",
                min = 0,
                doc = "bytes that wait for clients to read them, of all connections; beyond it those that read"
                        + " nothing are closed and no further ones taken; 0 for half of the JVM's direct memory")
        ByteSize unread) {}
