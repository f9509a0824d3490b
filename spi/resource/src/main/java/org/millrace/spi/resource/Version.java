package org.millrace.spi.resource;

/**
 * The version of a record: when it was written by a hybrid logical clock, and at which node. Versions are totally
 * ordered, by clock and then by node, and serve as HTTP's strong entity tags.
 *
 * @param clock milliseconds since the epoch in the upper 48 bits, a counter in the lower 16
 * @param node the id of the node that took the write, compared as an unsigned number
 * @since 0.1
 */
public record Version(long clock, long node) implements Comparable<Version> {
    /** Older than every written version; what things that are no records carry. */
    public static final Version NONE = new Version(0, 0);

    /**
     * Reads a version's text.
     *
     * @param text as {@link #toString()} gives it
     * @return the version
     * @throws ResourceException {@link ErrorCode#INVALID} if it is no version's text
     */
    public static Version parse(String text) {
        int dash = text.indexOf('-');
        try {
            return new Version(
                    Long.parseUnsignedLong(text, 0, dash, 16),
                    Long.parseUnsignedLong(text, dash + 1, text.length(), 16));
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new ResourceException(ErrorCode.INVALID, "'" + TopicText.shown(text) + "' is no version");
        }
    }

    /**
     * When the record was written, by the clock of its node.
     *
     * @return milliseconds since the epoch
     */
    public long epochMillis() {
        return clock >>> 16;
    }

    @Override
    public int compareTo(Version other) {
        int byClock = Long.compareUnsigned(clock, other.clock);
        return byClock != 0 ? byClock : Long.compareUnsigned(node, other.node);
    }

    /** Clock and node in hexadecimal: letters, digits and one hyphen. */
    @Override
    public String toString() {
        return Long.toHexString(clock) + '-' + Long.toHexString(node);
    }
}
