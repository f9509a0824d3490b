package org.millrace.content;

import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;

/**
 * What is to be at a place of a content: what another content has there, or a number. If the other content has nothing
 * there, nothing is to be there.
 *
 * @param pointer the place (RFC 6901), below the root and not within an array
 * @param from where the value is taken from; null for the number
 * @param number the number, if nothing is taken from another content
 */
public record FieldPlacement(String pointer, @Nullable Content from, long number) {
    /**
     * A value out of another content.
     *
     * @param pointer the place in both
     * @param from structured
     * @return the placement
     */
    public static FieldPlacement of(String pointer, Content from) {
        return new FieldPlacement(pointer, from, 0);
    }

    /**
     * A whole number.
     *
     * @param pointer the place
     * @param number what is to be there
     * @return the placement
     */
    public static FieldPlacement of(String pointer, long number) {
        return new FieldPlacement(pointer, null, number);
    }
}
