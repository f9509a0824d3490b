package org.millrace.spi.plugin;

import java.util.List;

/**
 * The configuration cannot be used. All problems are reported together.
 *
 * @since 0.1
 */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The problems, ready to be shown. */
    private final List<String> problems;

    /**
     * Collects problems.
     *
     * @param problems each names the key, the value, the reason, where it was set, and the nearest known key if the key
     *     is unknown
     */
    public ConfigurationException(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
        this.problems = List.copyOf(problems);
    }

    /**
     * One problem found by the plugin itself.
     *
     * @param problem names the key, the value and the reason
     */
    public ConfigurationException(String problem) {
        this(List.of(problem));
    }

    /**
     * The problems.
     *
     * @return at least one
     */
    public List<String> problems() {
        return problems;
    }
}
