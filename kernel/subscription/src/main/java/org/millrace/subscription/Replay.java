package org.millrace.subscription;

import org.millrace.journal.ChangeReader;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** Moves one subscription forward by reading the changes behind its position. Called by its owner; may touch the disk. */
final class Replay {
    private final ChangeSource source;

    Replay(ChangeSource source) {
        this.source = source;
    }

    /**
     * Offers what lies between the subscription's position and a place.
     *
     * @param until the place to stop at
     * @param most how many changes to look at
     * @return {@link Progress#DONE} if the place is reached
     * @throws ResourceException {@link ErrorCode#EXPIRED_CURSOR} if the position is behind retention
     */
    Progress forward(ChangeSubscription subscription, long until, int most, Outbox out) {
        long at = subscription.seenTo();
        if (at >= until) {
            return Progress.DONE;
        }
        try (ChangeReader reader = source.read(at)) {
            for (int looked = 0; looked < most && at < until; looked++) {
                Change change = reader.next();
                if (change == null) {
                    return Progress.MORE;
                }
                if (subscription.selects(change)) {
                    Progress progress = subscription.offer(change, out);
                    if (progress != Progress.DONE) {
                        return progress;
                    }
                }
                at = change.cursor().position();
                subscription.seenTo(at);
            }
        }
        return at >= until ? Progress.DONE : Progress.MORE;
    }
}
