package org.millrace.plugin.amqp.mapping;

import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Copies the entries of a kept annotations section, as they came, into the map of an outgoing message, but for those the
 * server sets itself. The section was decoded once before, so it is well formed.
 */
final class KeptAnnotations {
    private static final Set<String> OURS = Set.of(
            "x-opt-sequence-number",
            "x-opt-offset",
            "x-opt-enqueued-time",
            "x-opt-millrace-path",
            "x-opt-millrace-op",
            "x-opt-millrace-version");

    private KeptAnnotations() {}

    /** Gives how many items, keys and values, were written. */
    static int copy(AmqpWriter out, byte @Nullable [] section) {
        if (section == null) {
            return 0;
        }
        ByteBuffer in = ByteBuffer.wrap(section);
        KeptValues.skip(in.position(1)); // the descriptor, behind its mark
        int items = KeptValues.items(in);
        int written = 0;
        for (int i = 0; i < items; i += 2) {
            int start = in.position();
            String key = KeptValues.symbol(in);
            KeptValues.skip(in);
            if (key == null || !OURS.contains(key)) {
                out.raw(section, start, in.position() - start);
                written += 2;
            }
        }
        return written;
    }
}
