package org.millrace.plugin.websocket.envelope;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One value inside a message.
 *
 * @param message the whole message, not to be altered
 * @param from where the value begins
 * @param to where it ends
 * @param scalar a {@code String}, {@code Long}, {@code Boolean} or {@code byte[]}; null for everything else
 * @param absent whether it is null or undefined, which for an envelope's own fields is the same as not being there
 */
record Slot(byte[] message, int from, int to, @Nullable Object scalar, boolean absent) {
    byte[] copy() {
        return Arrays.copyOfRange(message, from, to);
    }
}
