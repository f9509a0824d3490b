package org.millrace.content;

import org.millrace.spi.content.Contents;

/**
 * Bounds on what a content may be, so that no publisher can make the host spend memory or stack without limit.
 *
 * @param maxSize the largest content in bytes, as {@link Contents#maxSize()} reports it
 * @param maxDepth how deep arrays and maps may nest in a structured content
 */
public record ContentLimits(int maxSize, int maxDepth) {
    /** How deep arrays and maps may nest unless configured otherwise. */
    public static final int DEFAULT_MAX_DEPTH = 256;

    /** The deepest nesting that may be configured; stored contents are read up to this depth. */
    public static final int DEEPEST = 1_000;

    // What a reader of stored contents allows; one more for the map that a MessagePack extension becomes.
    static final int STORED_DEPTH = DEEPEST + 1;

    /** How many digits a number may have, in every format. Conversion between bases is quadratic in it. */
    public static final int MAX_DIGITS = 1_000;

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException if a limit is below 1, or {@code maxDepth} is above {@link #DEEPEST}
     */
    public ContentLimits {
        if (maxSize < 1) {
            throw new IllegalArgumentException("maxSize " + maxSize + " is below 1 byte");
        }
        if (maxDepth < 1 || maxDepth > DEEPEST) {
            throw new IllegalArgumentException("maxDepth " + maxDepth + " is not between 1 and " + DEEPEST);
        }
    }

    /**
     * Limits with the default depth.
     *
     * @param maxSize the largest content in bytes
     * @return the limits
     */
    public static ContentLimits ofSize(int maxSize) {
        return new ContentLimits(maxSize, DEFAULT_MAX_DEPTH);
    }
}
