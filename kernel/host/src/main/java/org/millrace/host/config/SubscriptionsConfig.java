package org.millrace.host.config;

import org.millrace.spi.plugin.Setting;

/**
 * The bounds of subscriptions.
 *
 * @param liveQueryRecords how many records the result of one live query may have
 * @param indexedChanges of how many of the newest changes the paths are known without reading them
 */
public record SubscriptionsConfig(
        @Setting(value = "10000", min = 1, max = 10_000_000, doc = "most records in the result of one live query")
        int liveQueryRecords,

        @Setting(
                value = "1048576",
                min = 1,
                max = 1 << 30,
                doc = "newest changes whose paths are known without reading them, 4 bytes each, so that of many"
                        + " subscriptions that lag each reads its own path's changes only")
        int indexedChanges) {}
