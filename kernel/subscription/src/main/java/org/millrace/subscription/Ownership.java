package org.millrace.subscription;

/** Who owns a {@link ChangeSubscription}: who may move it forward. */
enum Ownership {
    /** Nobody: it waits for demand at its position. */
    PARKED,
    /** The same, out of the fan-out thread's way: changes passed it by for long. */
    RESTING,
    /** The reader pool, or the queue before the fan-out thread. */
    ACTIVE,
    /** The fan-out thread, which delivers changes as they come. */
    LIVE,
    /** The fan-out thread, which conflates changes until there is demand. */
    BEHIND,
    /** The same, and the subscription is in the queue before the fan-out thread because demand came. */
    DRAINING,
    /** Nobody: what is in flight is delivered, then the end. */
    ENDING,
    /** Nobody: nothing more is delivered. */
    CLOSED
}
