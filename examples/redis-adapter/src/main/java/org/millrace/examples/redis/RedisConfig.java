package org.millrace.examples.redis;

import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.Setting;
import org.millrace.spi.transport.ListenerSettings;

/**
 * The plugin's section of the configuration.
 *
 * @param listener address, TLS and connection limits
 * @param table where keys without a slash live
 * @param maxValue the largest argument accepted
 * @param maxArguments how many arguments a command may have
 * @param maxPipeline how many commands of a client may wait for their replies before its socket is not read any more
 * @param maxSubscriptions how many channels and patterns a client may follow
 */
public record RedisConfig(
        @Setting(inline = true) ListenerSettings listener,

        @Setting(value = "redis", doc = "table of the keys that have no slash")
        String table,

        @Setting(value = "1MiB", min = 64, max = 67_108_864, doc = "largest argument of a command")
        ByteSize maxValue,

        @Setting(value = "10000", min = 2, max = 1_000_000, doc = "arguments a command may have")
        int maxArguments,

        @Setting(value = "1000", min = 1, doc = "commands of a client that may wait for their replies")
        int maxPipeline,

        @Setting(value = "1000", min = 1, doc = "channels and patterns a client may follow")
        int maxSubscriptions) {
    /** Redis' port. */
    public static final int STANDARD_PORT = 6379;
}
