package org.millrace.examples.coap;

import java.net.InetSocketAddress;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.eclipse.californium.core.network.MessageIdProvider;

/**
 * Numbers the messages that this server begins (RFC 7252 section 4.4). A fixed number of counters is shared by all peers,
 * so that peers nobody ever heard of before cost nothing. A number comes again after 65,000 messages to peers of one
 * counter: with ten notifications a second to each of an address' 26 observers, later than the 247 s of section 4.8.2.
 * Safe for use by any thread.
 */
final class MessageIds implements MessageIdProvider {
    private static final int COUNTERS = 4096;
    /** Californium takes numbers from here on for those of multicast requests. */
    private static final int NUMBERS = 65_000;

    private final AtomicIntegerArray next = new AtomicIntegerArray(COUNTERS);

    MessageIds() {
        for (int i = 0; i < COUNTERS; i++) {
            next.set(i, ThreadLocalRandom.current().nextInt(NUMBERS));
        }
    }

    @Override
    public int getNextMessageId(InetSocketAddress destination) {
        int hash = destination.hashCode();
        return next.getAndUpdate((hash ^ hash >>> 16) & COUNTERS - 1, n -> (n + 1) % NUMBERS);
    }
}
