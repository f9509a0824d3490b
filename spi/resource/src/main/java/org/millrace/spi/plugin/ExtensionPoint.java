package org.millrace.spi.plugin;

/**
 * A place where one plugin offers something and another, or the host, uses it, while neither knows the other. Both hold
 * the same constant, which lives in an SPI artifact.
 *
 * @param id its name in reports, for example {@code http-route}
 * @param type what is offered
 * @param user who uses the offers, for the report of a plugin whose offer nobody uses: for example {@code a plugin that
 *     serves HTTP}; may be empty
 * @param <T> what is offered
 * @since 0.1
 */
public record ExtensionPoint<T>(String id, Class<T> type, String user) {
    /**
     * A point of which nothing is said about who uses it.
     *
     * @param id its name in reports
     * @param type what is offered
     */
    public ExtensionPoint(String id, Class<T> type) {
        this(id, type, "");
    }
}
