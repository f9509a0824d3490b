package org.millrace.plugin.amqp.mapping;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
        skip(in.position(1)); // the descriptor, behind its mark
        int code = in.get() & 0xff;
        int items;
        if (code == 0xc1) {
            in.get();
            items = in.get() & 0xff;
        } else {
            in.getInt();
            items = in.getInt();
        }
        int written = 0;
        for (int i = 0; i < items; i += 2) {
            int start = in.position();
            String key = symbol(in);
            skip(in);
            if (key == null || !OURS.contains(key)) {
                out.raw(section, start, in.position() - start);
                written += 2;
            }
        }
        return written;
    }

    private static @Nullable String symbol(ByteBuffer in) {
        int code = in.get(in.position()) & 0xff;
        if (code != 0xa3 && code != 0xb3) {
            skip(in);
            return null;
        }
        in.get();
        int length = code == 0xa3 ? in.get() & 0xff : in.getInt();
        String text = new String(in.array(), in.arrayOffset() + in.position(), length, StandardCharsets.US_ASCII);
        in.position(in.position() + length);
        return text;
    }

    /** Passes one value by (AMQP 1.0 section 1.2: the upper half of the code tells how long it is). */
    private static void skip(ByteBuffer in) {
        int code = in.get() & 0xff;
        if (code == 0) {
            skip(in);
            skip(in);
            return;
        }
        int length = switch (code >>> 4) {
            case 0x4 -> 0;
            case 0x5 -> 1;
            case 0x6 -> 2;
            case 0x7 -> 4;
            case 0x8 -> 8;
            case 0x9 -> 16;
            case 0xa, 0xc, 0xe -> in.get() & 0xff;
            case 0xb, 0xd, 0xf -> in.getInt();
            default -> throw new IllegalArgumentException("0x" + Integer.toHexString(code) + " is no type's code");
        };
        in.position(in.position() + length);
    }
}
