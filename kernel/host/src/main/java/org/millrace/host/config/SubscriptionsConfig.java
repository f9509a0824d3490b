package org.millrace.host.config;

import org.millrace.spi.plugin.Setting;

/**
 * The bounds of subscriptions.
 *
 * @param liveQueryRecords how many records the result of one live query may have
 */
public record SubscriptionsConfig(
        @Setting(value = "10000", min = 1, max = 10_000_000, doc = "most records in the result of one live query")
        int liveQueryRecords) {}
