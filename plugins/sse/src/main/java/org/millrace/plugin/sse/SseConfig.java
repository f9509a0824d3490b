package org.millrace.plugin.sse;

import java.time.Duration;
import org.millrace.spi.plugin.Setting;

/**
 * The settings under the key {@code sse}.
 *
 * @param heartbeat how long a stream may be silent before a comment is sent
 * @param retry how long a client is told to wait before it connects anew
 * @param maxFilters how many filters one stream may name
 */
public record SseConfig(
        @Setting(value = "15s", min = 100, doc = "silence after which a stream gets a comment")
        Duration heartbeat,

        @Setting(value = "2s", min = 1, doc = "time clients are told to wait before they connect anew")
        Duration retry,

        @Setting(value = "64", min = 1, max = 10_000, doc = "filters one stream may name; beyond it 400")
        int maxFilters) {}
