package org.millrace.examples.coap;

import java.time.Duration;
import org.millrace.spi.plugin.ByteSize;
import org.millrace.spi.plugin.Setting;
import org.millrace.spi.transport.DatagramSettings;

/**
 * The plugin's section of the configuration.
 *
 * @param listener address and limits of datagrams
 * @param maxBody the largest content
 * @param blockSize how much of a content goes into one datagram
 * @param maxTransfers how many contents may be put together, and taken apart, at the same time
 * @param transferTimeout when a transfer that does not go on is forgotten
 * @param maxPending how many requests may wait for the host
 * @param maxRemembered how many requests are recognised when they come again
 * @param maxObservers how many observations there may be
 * @param maxLinks the most links that discovery gives
 * @param observeInterval the pace of one observation
 * @param observeCheck when an observer that heard nothing is looked for
 * @param ackTimeout CoAP's ACK_TIMEOUT
 * @param maxRetransmit CoAP's MAX_RETRANSMIT
 * @param maxAge the Max-Age of contents
 */
public record CoapSettings(
        @Setting(inline = true) DatagramSettings listener,

        @Setting(
                value = "64KiB",
                min = 16,
                max = 16 << 20,
                doc = "largest content read or written, put together from blocks")
        ByteSize maxBody,

        @Setting(value = "1024", min = 16, max = 1024, doc = "bytes of a content sent in one datagram; a power of two")
        int blockSize,

        @Setting(value = "256", min = 1, doc = "blockwise transfers under way in each direction")
        int maxTransfers,

        @Setting(value = "30s", min = 1000, doc = "time a client has for the next block before a transfer is given up")
        Duration transferTimeout,

        @Setting(value = "1000", min = 1, doc = "requests being worked on; further ones are told to come again")
        int maxPending,

        @Setting(
                value = "10000",
                min = 16,
                doc = "latest requests known by heart, so that one that comes twice is not carried out twice")
        int maxRemembered,

        @Setting(value = "1000", min = 1, doc = "clients observing a record; further ones get its content once")
        int maxObservers,

        @Setting(value = "200", min = 1, max = 10_000, doc = "most links given at /.well-known/core; refused beyond")
        int maxLinks,

        @Setting(value = "100ms", doc = "shortest time from one notification of an observer to the next")
        Duration observeInterval,

        @Setting(
                value = "5m",
                min = 1000,
                max = 86_400_000,
                doc = "quiet time after which an observer gets the record again, to see whether it is still there")
        Duration observeCheck,

        @Setting(
                value = "2s",
                min = 10,
                max = 60_000,
                doc = "time until a message that is not acknowledged is repeated")
        Duration ackTimeout,

        @Setting(value = "4", min = 1, max = 10, doc = "repetitions until a client is taken for gone")
        int maxRetransmit,

        @Setting(value = "0s", min = 0, max = 86_400_000, doc = "how long proxies may give a content they have seen")
        Duration maxAge) {}
