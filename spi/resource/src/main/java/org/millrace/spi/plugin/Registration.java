package org.millrace.spi.plugin;

/**
 * Something registered with the host. The host closes it when the plugin stops; a plugin may close it earlier.
 *
 * @since 0.1
 */
@FunctionalInterface
@ImplementedByHost
public interface Registration extends AutoCloseable {
    /** Undoes the registration. Further calls do nothing. */
    @Override
    void close();
}
