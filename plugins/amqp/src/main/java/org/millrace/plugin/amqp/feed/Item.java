package org.millrace.plugin.amqp.feed;

import org.millrace.spi.resource.Change;

/**
 * A change on its way to a receiver. Belongs to one event loop at a time.
 *
 * @param change what is delivered
 * @param failures how often a receiver said that delivery failed
 * @param again whether it may have been delivered before
 * @param tracked whether it has a place in the stream of its own, which events kept in memory only have not
 */
public record Item(Change change, long failures, boolean again, boolean tracked) {
    /**
     * The delivery count of the message's header.
     *
     * @return at least 1 for what may have been delivered before
     */
    public long deliveryCount() {
        return failures == 0 && again ? 1 : failures;
    }

    long position() {
        return change.cursor().position();
    }

    Item failed() {
        return new Item(change, failures + 1, true, tracked);
    }

    Item repeated() {
        return again ? this : new Item(change, failures, true, tracked);
    }
}
