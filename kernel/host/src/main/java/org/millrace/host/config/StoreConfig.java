package org.millrace.host.config;

import java.time.Duration;
import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.Setting;

/**
 * The record store's files.
 *
 * @param mapSize the address space to begin with
 * @param readerAge after how long a read is reported
 */
public record StoreConfig(
        @Setting(
                value = "64GiB",
                min = 16L << 20,
                doc = "address space reserved for records, doubled by itself when it is full; no disk is taken before"
                        + " it is used")
        ByteSize mapSize,

        @Setting(
                value = "5s",
                min = 100,
                doc = "time a read of records on disk may take before the log names it; meanwhile the file grows")
        Duration readerAge) {}
