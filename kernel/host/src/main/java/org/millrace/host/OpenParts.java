package org.millrace.host;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a host has opened so far, closed in the reverse order. Used by one thread at a time; {@link #closing} may be asked
 * by any.
 */
final class OpenParts implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OpenParts.class);

    private final Deque<Part> parts = new ArrayDeque<>();
    private volatile @Nullable String closing;

    private record Part(String name, AutoCloseable closeable) {}

    /** Remembers a part, and gives it back. */
    <T extends AutoCloseable> T add(String name, T part) {
        parts.push(new Part(name, part));
        return part;
    }

    /** The part that is being closed; null if none is. */
    @Nullable
    String closing() {
        return closing;
    }

    /** Closes everything, the newest first; a failure is logged and does not keep the rest. */
    @Override
    public void close() {
        while (!parts.isEmpty()) {
            Part part = parts.pop();
            closing = part.name();
            try {
                part.closeable().close();
            } catch (Exception e) {
                log.error(
                        "{} could not be closed in order; the next start recovers what is needed. See the cause",
                        part.name(),
                        e);
            }
        }
        closing = null;
    }
}
