package org.millrace.plugin.amqp.feed;

/** What became of a message at its receiver (AMQP 1.0 section 3.4). */
public enum Outcome {
    /** It is done. */
    ACCEPTED,
    /** It is no good, for any receiver. */
    REJECTED,
    /** It was not looked at, and may go to anybody. */
    RELEASED,
    /** Delivery failed, and may be tried again. */
    FAILED,
    /** This receiver does not want it again. */
    UNWANTED
}
