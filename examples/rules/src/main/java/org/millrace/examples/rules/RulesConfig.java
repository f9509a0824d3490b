package org.millrace.examples.rules;

import java.time.Duration;
import org.millrace.spi.plugin.Setting;

/**
 * The section {@code rules} of the configuration.
 *
 * @param hot readings above it raise an alert
 * @param keep how long a minute's aggregate is kept
 */
record RulesConfig(
        @Setting(value = "30", doc = "readings above it raise an alert")
        int hot,

        @Setting(value = "7d", min = 60_000, doc = "time for which the aggregate of a minute is kept")
        Duration keep) {}
