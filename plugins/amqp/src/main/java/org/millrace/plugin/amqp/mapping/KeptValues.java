package org.millrace.plugin.amqp.mapping;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Walks over encoded values without decoding them (AMQP 1.0 section 1.2). For sections that were decoded once before, so
 * that they are well formed.
 */
final class KeptValues {
    private KeptValues() {}

    /** Passes one value by: the upper half of its code tells how long it is. */
    static void skip(ByteBuffer in) {
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

    /** Reads the head of a list or a map, and gives how many items there are. */
    static int items(ByteBuffer in) {
        return switch (in.get() & 0xff) {
            case 0xc0, 0xc1 -> {
                in.get();
                yield in.get() & 0xff;
            }
            case 0xd0, 0xd1 -> {
                in.getInt();
                yield in.getInt();
            }
            default -> 0;
        };
    }

    /** Passes one value by and gives its text, or null if it is no symbol. */
    static @Nullable String symbol(ByteBuffer in) {
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

    /** Passes a section's descriptor by, and tells whether it is one, by its number or its name. */
    static boolean isSection(ByteBuffer in, int code, String name) {
        in.get(); // the mark of a described type
        return switch (in.get(in.position()) & 0xff) {
            case 0x53 -> {
                in.get();
                yield (in.get() & 0xff) == code;
            }
            case 0x80 -> {
                in.get();
                yield in.getLong() == code;
            }
            default -> name.equals(symbol(in));
        };
    }
}
