package org.millrace.spi.plugin;

/**
 * A place where one plugin offers something and another, or the host, uses it, while neither knows the other. Both hold
 * the same constant, which lives in an SPI artifact.
 *
 * @param id its name in reports, for example {@code http-route}
 * @param type what is offered
 * @param <T> what is offered
 * @since 0.1
 */
public record ExtensionPoint<T>(String id, Class<T> type) {}
