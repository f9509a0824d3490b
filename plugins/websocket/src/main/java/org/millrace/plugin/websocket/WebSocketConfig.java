package org.millrace.plugin.websocket;

import java.time.Duration;
import java.util.List;
import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.Setting;

/**
 * The settings under the key {@code websocket}.
 *
 * @param origins which pages may connect; {@code same-host} stands for those of the host itself
 * @param maxFrame the largest frame accepted
 * @param maxMessage the largest message accepted, put together from its frames
 * @param maxMessages what the unfinished messages of all connections may take together; 0 for a quarter of the heap
 * @param maxUnacknowledged how many requests of one connection may be under way before it is read no further
 * @param maxSubscriptions how many subscriptions and queries one connection may have open
 * @param compression whether permessage-deflate is agreed to (RFC 7692)
 * @param authenticateTimeout how long a client of the multiplexed protocol may take to show credentials
 * @param idleTimeout how long a client may be silent before it is pinged; after the same time again it is cut off
 */
public record WebSocketConfig(
        @Setting(
                value = "same-host",
                doc = "origins of pages that may connect; same-host for the host's own, * for all")
        List<String> origins,

        @Setting(value = "1MiB", min = 125, max = 64 << 20, doc = "largest frame; beyond it close 1009")
        ByteSize maxFrame,

        @Setting(value = "1MiB", min = 125, max = 64 << 20, doc = "largest message; beyond it close 1009")
        ByteSize maxMessage,

        @Setting(
                value = "0",
                min = 0,
                doc = "memory that unfinished messages take, all together; beyond it close 1013; 0 for 1/4 of the heap")
        ByteSize maxMessages,

        @Setting(value = "64", min = 1, max = 10_000, doc = "requests of one connection that may be under way")
        int maxUnacknowledged,

        @Setting(value = "256", min = 1, max = 100_000, doc = "subscriptions and queries one connection may have open")
        int maxSubscriptions,

        @Setting(value = "true", doc = "compress messages for clients that ask for permessage-deflate")
        boolean compression,

        @Setting(value = "10s", min = 100, doc = "time a client has to authenticate where credentials are needed")
        Duration authenticateTimeout,

        @Setting(value = "30s", min = 100, doc = "silence after which a client is pinged, and later cut off")
        Duration idleTimeout) {}
