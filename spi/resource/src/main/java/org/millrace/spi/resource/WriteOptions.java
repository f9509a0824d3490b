package org.millrace.spi.resource;

import java.time.Instant;

/**
 * What a write may ask beyond its path and content. Start from {@link #DEFAULT} and use the {@code with} methods.
 *
 * @param precondition what must hold
 * @param properties what travels beside the content
 * @param expiresAt when the record or event ceases to exist; {@link #NEVER} for never
 * @param qos what the writer asks of delivery
 * @param durability what the change has survived when it is acknowledged
 * @since 0.1
 */
public record WriteOptions(
        Precondition precondition, Properties properties, Instant expiresAt, Qos qos, Durability durability) {
    /** The expiry of what does not expire. */
    public static final Instant NEVER = Instant.MAX;

    /** No precondition, no properties, no expiry, delivery left to the subscriber, the table's durability. */
    public static final WriteOptions DEFAULT =
            new WriteOptions(Precondition.NONE, Properties.NONE, NEVER, Qos.EXACTLY_ONCE, Durability.TABLE);

    /**
     * These options with another precondition.
     *
     * @param value the precondition
     * @return new options
     */
    public WriteOptions withPrecondition(Precondition value) {
        return new WriteOptions(value, properties, expiresAt, qos, durability);
    }

    /**
     * These options with other properties.
     *
     * @param value the properties
     * @return new options
     */
    public WriteOptions withProperties(Properties value) {
        return new WriteOptions(precondition, value, expiresAt, qos, durability);
    }

    /**
     * These options with another expiry.
     *
     * @param value an instant, or {@link #NEVER}
     * @return new options
     */
    public WriteOptions withExpiresAt(Instant value) {
        return new WriteOptions(precondition, properties, value, qos, durability);
    }

    /**
     * These options with another delivery guarantee.
     *
     * @param value the guarantee
     * @return new options
     */
    public WriteOptions withQos(Qos value) {
        return new WriteOptions(precondition, properties, expiresAt, value, durability);
    }

    /**
     * These options with another durability.
     *
     * @param value the durability
     * @return new options
     */
    public WriteOptions withDurability(Durability value) {
        return new WriteOptions(precondition, properties, expiresAt, qos, value);
    }
}
