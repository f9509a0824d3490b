package org.millrace.spi.resource;

/**
 * Tells a subscriber that changes between two places are lost to it. What follows the gap begins with the present state
 * where the subscription's {@link Overflow} is {@link Overflow#LATEST}.
 *
 * @param after the last place before the gap
 * @param until the place from which delivery goes on
 * @param reason for people: why, and what to do
 * @since 0.1
 */
public record Gap(Cursor after, Cursor until, String reason) {}
