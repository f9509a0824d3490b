package org.millrace.content;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Tells well-formed UTF-8 (Unicode 15 table 3-7) from other bytes without decoding it. */
final class Utf8 {
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final int WELL_FORMED = -1;

    private Utf8() {}

    /** The offset of the first byte that no well-formed UTF-8 continues with, or -1. */
    static int firstMalformed(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (at + Long.BYTES <= to && ((long) WORD.get(bytes, at) & HIGH_BITS) == 0) {
                at += Long.BYTES;
            } else if (bytes[at] >= 0) {
                at++;
            } else {
                int length = sequenceLength(bytes, at, to);
                if (length == 0) {
                    return at;
                }
                at += length;
            }
        }
        return WELL_FORMED;
    }

    private static int sequenceLength(byte[] bytes, int at, int to) {
        int lead = bytes[at] & 0xff;
        if (lead < 0xc2 || lead > 0xf4) {
            return 0;
        }
        if (lead < 0xe0) {
            return continues(bytes, at + 1, to, 0x80, 0xbf) ? 2 : 0;
        }
        if (lead < 0xf0) {
            // E0 would be overlong below A0, ED a surrogate above 9F.
            return continues(bytes, at + 1, to, lead == 0xe0 ? 0xa0 : 0x80, lead == 0xed ? 0x9f : 0xbf)
                            && continues(bytes, at + 2, to, 0x80, 0xbf)
                    ? 3
                    : 0;
        }
        // F0 would be overlong below 90, F4 beyond U+10FFFF above 8F.
        return continues(bytes, at + 1, to, lead == 0xf0 ? 0x90 : 0x80, lead == 0xf4 ? 0x8f : 0xbf)
                        && continues(bytes, at + 2, to, 0x80, 0xbf)
                        && continues(bytes, at + 3, to, 0x80, 0xbf)
                ? 4
                : 0;
    }

    private static boolean continues(byte[] bytes, int at, int to, int lowest, int highest) {
        if (at >= to) {
            return false;
        }
        int b = bytes[at] & 0xff;
        return b >= lowest && b <= highest;
    }
}
