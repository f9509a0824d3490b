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

    private final Deque<Opened> parts = new ArrayDeque<>();
    private volatile @Nullable String closing;

    private record Opened(String name, Part part) {}

    /** Something to be closed, in whatever way. */
    @FunctionalInterface
    interface Part {
        void close() throws Exception;
    }

    /** Remembers a part, and gives it back. */
    <T extends AutoCloseable> T add(String name, T part) {
        parts.push(new Opened(name, part::close));
        return part;
    }

    /** Remembers how to undo something. */
    void add(String name, Part part) {
        parts.push(new Opened(name, part));
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
            Opened opened = parts.pop();
            closing = opened.name();
            try {
                opened.part().close();
            } catch (Exception e) {
                log.error(
                        "{} could not be closed in order; the next start recovers what is needed. See the cause",
                        opened.name(),
                        e);
            }
        }
        closing = null;
    }
}
