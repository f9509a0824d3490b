package org.millrace.host.plugin;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of the SPI, as a plugin's manifest asks for it in {@code Requires-Spi}.
 *
 * <p>From 1.0 on, {@code Requires-Spi: 1.2} means at least 1.2 and under 2. While the SPI is 0.x, each minor version may
 * break what came before, so {@code Requires-Spi: 0.1} means 0.1 and nothing else.
 *
 * @param major changes when plugins have to be changed
 * @param minor changes when the SPI grows; while {@code major} is 0, when plugins have to be changed
 */
public record SpiVersion(int major, int minor) {
    /** The version this host offers. */
    public static final SpiVersion OFFERED = new SpiVersion(0, 1);

    private static final Pattern TEXT = Pattern.compile("(\\d{1,6})\\.(\\d{1,6})");

    /**
     * Reads a version.
     *
     * @param text two numbers and a dot
     * @return the version
     * @throws IllegalArgumentException if it is none
     */
    public static SpiVersion parse(String text) {
        Matcher m = TEXT.matcher(text.strip());
        if (!m.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no SPI version; write for example " + OFFERED);
        }
        return new SpiVersion(Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)));
    }

    /**
     * Whether a plugin that requires another version runs on this one.
     *
     * @param required what the plugin asks for
     * @return true if it does
     */
    public boolean satisfies(SpiVersion required) {
        return major == required.major && (major == 0 ? minor == required.minor : minor >= required.minor);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return major + "." + minor;
    }
}
