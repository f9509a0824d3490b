package org.millrace.spi.plugin;

import java.util.Locale;

/**
 * A number of bytes in a configuration, for example {@code 512}, {@code 64KiB}, {@code 1MiB}, {@code 4GiB}.
 *
 * @param bytes at least 0
 * @since 0.1
 */
public record ByteSize(long bytes) {
    /**
     * Checks the number.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException(bytes + " bytes is negative");
        }
    }

    /**
     * Reads a size.
     *
     * @param text digits, then nothing, {@code B}, {@code KiB}, {@code MiB} or {@code GiB} in any case
     * @return the size
     * @throws IllegalArgumentException if it is none
     */
    public static ByteSize parse(String text) {
        String t = text.strip();
        int end = 0;
        while (end < t.length() && t.charAt(end) >= '0' && t.charAt(end) <= '9') {
            end++;
        }
        int shift = switch (t.substring(end).strip().toLowerCase(Locale.ROOT)) {
            case "", "b" -> 0;
            case "kib" -> 10;
            case "mib" -> 20;
            case "gib" -> 30;
            default -> -1;
        };
        if (end == 0 || end > 15 || shift < 0) {
            throw new IllegalArgumentException("'" + text + "' is no size; write 512, 64KiB, 1MiB or 4GiB");
        }
        return new ByteSize(Math.multiplyExact(Long.parseLong(t, 0, end, 10), 1L << shift));
    }

    /**
     * The size as an {@code int}, for APIs that take one.
     *
     * @return at most {@link Integer#MAX_VALUE}
     */
    public int toIntSaturated() {
        return (int) Math.min(bytes, Integer.MAX_VALUE);
    }

    /** As {@link #parse} reads it, in the largest unit that divides it. */
    @Override
    public String toString() {
        if (bytes == 0 || bytes % 1024 != 0) {
            return Long.toString(bytes);
        }
        String[] units = {"KiB", "MiB", "GiB"};
        int unit = 0;
        long n = bytes / 1024;
        while (unit < 2 && n % 1024 == 0) {
            n /= 1024;
            unit++;
        }
        return n + units[unit];
    }
}
