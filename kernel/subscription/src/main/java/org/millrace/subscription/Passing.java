package org.millrace.subscription;

import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ResourceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands an event that is in no journal to the subscriptions it concerns while they are found; gathers nothing. */
final class Passing extends Once {
    private static final Logger LOG = LoggerFactory.getLogger(Passing.class);

    private final Change event;

    Passing(Change event) {
        this.event = event;
    }

    @Override
    void take(ChangeSubscription subscription) {
        try {
            subscription.pass(event);
        } catch (RuntimeException e) {
            // The publisher has no part in it: a grant or a condition of that subscription failed.
            LOG.error(
                    "A grant or the condition of a subscription of {} failed; it is closed. This is a defect;"
                            + " report it",
                    subscription.interest().filters(),
                    e);
            subscription.end(ResourceException.from(e));
        }
    }
}
