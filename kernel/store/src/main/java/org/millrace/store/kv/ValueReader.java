package org.millrace.store.kv;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Takes what it needs out of a value.
 *
 * @param <A> what the caller hands in, so that a reader without state can be shared
 * @param <R> what comes out
 */
@FunctionalInterface
public interface ValueReader<A, R> {
    /**
     * Reads a value. Called on the thread that asked, within a read transaction: it must copy what it wants and must
     * not block.
     *
     * @param argument what the caller handed in
     * @param value the value from position to limit, big-endian; invalid after this call
     * @return what was read, or null
     */
    @Nullable
    R read(A argument, ByteBuffer value);
}
