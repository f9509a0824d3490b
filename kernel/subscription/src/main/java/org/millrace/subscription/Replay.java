package org.millrace.subscription;

import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;

/** Moves one subscription forward by reading the changes behind its position. Called by its owner; may touch the disk. */
final class Replay {
    private final Passage.Ground ground;

    Replay(Passage.Ground ground) {
        this.ground = ground;
    }

    /**
     * Offers what lies between the subscription's position and a place.
     *
     * @param until the place to stop at
     * @param most how many changes to pass
     * @return {@link Progress#DONE} if the place is reached
     * @throws ResourceException {@link ErrorCode#EXPIRED_CURSOR} if the position is behind retention
     */
    Progress forward(ChangeSubscription subscription, long until, int most, Outbox out) {
        long at = subscription.seenTo();
        long stop = Math.min(until, at + most);
        if (at >= stop) {
            return Progress.DONE;
        }
        try (Passage passage = new Passage(ground, at, subscription.interest())) {
            while (at < stop) {
                Change change = passage.next(stop);
                if (change != null && subscription.admits(change)) {
                    subscription.seenTo(change.cursor().position() - 1);
                    Progress progress = subscription.offer(change, out);
                    if (progress != Progress.DONE) {
                        return progress;
                    }
                }
                if (change == null && passage.position() == at) {
                    return Progress.MORE;
                }
                at = passage.position();
                subscription.seenTo(at);
            }
        }
        return at >= until ? Progress.DONE : Progress.MORE;
    }
}
