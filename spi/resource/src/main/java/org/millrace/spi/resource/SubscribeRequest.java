package org.millrace.spi.resource;

import java.util.List;

/**
 * What a subscriber wants to follow. A change that matches several of the filters is delivered once.
 *
 * @param filters which paths; at least one
 * @param start where to start
 * @param overflow what happens when the subscriber is slower than the changes
 * @param query conditions on the records, in the query language, or empty for none; with one the subscription is a live
 *     query: it shows the records that satisfy it ({@link Reason#CURRENT}, if it starts so) and then
 *     {@link Reason#ENTER}, {@link Reason#UPDATE} and {@link Reason#LEAVE}. Conditions only: what shapes a result
 *     (select, sort, limit, aggregates) is refused as {@link ErrorCode#UNSUPPORTED}. After a cursor the host does not
 *     know which records the subscriber holds: the first change of each that does not satisfy the query is shown as
 *     leaving, also of some the subscriber never had
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

    /**
     * This request as a live query.
     *
     * @param value conditions in the query language, or empty for none
     * @return a new request
     * @since 0.1
     */
    public SubscribeRequest withQuery(String value) {
        return new SubscribeRequest(filters, start, overflow, value);
    }
}
