package org.millrace.spi.resource;

import java.util.List;

/**
 * What a subscriber wants to follow. A change that matches several of the filters is delivered once.
 *
 * @param filters which paths; at least one
 * @param start where to start
 * @param overflow what happens when the subscriber is slower than the changes
 * @param query a condition on the records' content, in the query language, or empty for none; with one the
 *     subscription is live: it shows {@link Reason#ENTER}, {@link Reason#UPDATE} and {@link Reason#LEAVE}
 * @since 0.1
 */
public record SubscribeRequest(List<TopicFilter> filters, Start start, Overflow overflow, String query) {
    /**
     * Copies the filters.
     *
     * @throws IllegalArgumentException if there are none
     */
    public SubscribeRequest {
        filters = List.copyOf(filters);
        if (filters.isEmpty()) {
            throw new IllegalArgumentException("a subscription needs at least one filter");
        }
    }

    /**
     * Every change of one filter, without a query.
     *
     * @param filter which paths
     * @param start where to start
     * @return the request
     */
    public static SubscribeRequest every(TopicFilter filter, Start start) {
        return new SubscribeRequest(List.of(filter), start, Overflow.EVERY, "");
    }

    /**
     * The newest state of one filter's paths, without a query.
     *
     * @param filter which paths
     * @param start where to start
     * @return the request
     */
    public static SubscribeRequest latest(TopicFilter filter, Start start) {
        return new SubscribeRequest(List.of(filter), start, Overflow.LATEST, "");
    }
}
