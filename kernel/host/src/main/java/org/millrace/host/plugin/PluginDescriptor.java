package org.millrace.host.plugin;

import java.nio.file.Path;

/**
 * What a plugin says of itself in its jar's manifest.
 *
 * @param id {@code Plugin-Id}: its section in the configuration and its name in the log
 * @param version {@code Plugin-Version}
 * @param requires {@code Requires-Spi}
 * @param provider the class that implements {@link org.millrace.spi.plugin.Plugin}
 * @param source the jar or folder the operator put into the plugins directory
 */
public record PluginDescriptor(String id, String version, SpiVersion requires, String provider, Path source) {}
