package org.millrace.spi.resource;

/**
 * A place in the change stream from which a subscriber resumes. Clients treat its text as opaque: it is SSE's
 * {@code Last-Event-ID} and the resume value of WebSocket and AMQP.
 *
 * @param node the node whose journal is meant
 * @param position the {@code seq} of the last change that the holder has seen; 0 is before the first
 * @since 0.1
 */
public record Cursor(long node, long position) {
    /**
     * Checks the position.
     *
     * @throws IllegalArgumentException if the position is negative
     */
    public Cursor {
        if (position < 0) {
            throw new IllegalArgumentException("position " + position + " is negative");
        }
    }

    /**
     * Reads a cursor's text.
     *
     * @param text as {@link #toString()} gives it
     * @return the cursor
     * @throws ResourceException {@link ErrorCode#INVALID} if it is no cursor's text
     */
    public static Cursor parse(String text) {
        int dot = text.indexOf('.');
        try {
            return new Cursor(
                    Long.parseUnsignedLong(text, 0, dot, 16), Long.parseLong(text, dot + 1, text.length(), 10));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new ResourceException(
                    ErrorCode.INVALID,
                    "'" + TopicText.shown(text) + "' is no cursor; pass one back exactly as it was received");
        }
    }

    /** Letters, digits and one dot. */
    @Override
    public String toString() {
        return Long.toHexString(node) + '.' + position;
    }
}
