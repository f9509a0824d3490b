package org.millrace.host.config;

import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.Setting;

/**
 * The record store's files.
 *
 * @param mapSize the largest the store can grow
 */
public record StoreConfig(
        @Setting(
                value = "64GiB",
                min = 16L << 20,
                doc = "address space reserved for records, the most they can grow to; no disk is taken before it is"
                        + " used")
        ByteSize mapSize) {}
