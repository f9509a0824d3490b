package org.millrace.spi.resource;

import org.millrace.spi.plugin.ImplementedByHost;

/**
 * A running subscription. Nothing is delivered beyond what was requested: with no demand the host holds a place in the
 * change stream, not a queue. Implemented by the host; its methods may be called on any thread and never block.
 *
 * @since 0.1
 */
@ImplementedByHost
public interface Subscription extends AutoCloseable {
    /**
     * Asks for more changes. Demand adds up.
     *
     * @param n how many, at least 1; {@link Long#MAX_VALUE} for no limit
     * @throws IllegalArgumentException if n is less than 1
     */
    void request(long n);

    /**
     * Where to resume so that nothing delivered so far is repeated and nothing later is missed.
     *
     * @return the place after the last delivered change
     */
    Cursor position();

    /**
     * Ends the subscription. Called on the view's executor, nothing is delivered afterwards; called elsewhere, what is
     * on its way may still arrive. Further calls do nothing.
     */
    @Override
    void close();
}
