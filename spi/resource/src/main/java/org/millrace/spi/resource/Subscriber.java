package org.millrace.spi.resource;

/**
 * Receives what a {@link Subscription} delivers. The plugin implements it.
 *
 * <p>All methods are called on the executor the {@link Resources} view was opened with, one at a time and in order.
 * They must not block. One that throws closes its subscription with {@link ErrorCode#INTERNAL}; others are not
 * affected.
 *
 * @since 0.1
 */
public interface Subscriber {
    /**
     * A change, against one unit of demand.
     *
     * @param change shared by all subscribers
     * @param reason why it is shown
     */
    void onChange(Change change, Reason reason);

    /**
     * The present state is complete ({@link Start#CURRENT}), or the past is ({@link Start.After}); live changes follow.
     * Costs no demand, and comes once for each start.
     *
     * @param at the place in the stream the shown state belongs to
     */
    default void onCaughtUp(Cursor at) {}

    /**
     * Changes are lost to this subscriber. Costs no demand.
     *
     * @param gap which, and why
     */
    default void onGap(Gap gap) {}

    /** A run of deliveries ends: the moment to flush what was written to the socket. */
    default void onBatchEnd() {}

    /**
     * The subscription ended, and not by {@link Subscription#close()}. Nothing follows.
     *
     * @param reason why, for example {@link ErrorCode#EXPIRED_CURSOR} or {@link ErrorCode#UNAVAILABLE} on shutdown
     */
    void onClosed(ResourceException reason);
}
