/**
 * Reads the configuration and binds it to records.
 *
 * <p>{@link org.millrace.host.config.Configuration} is the way in. A value comes from, weakest first: the default that a
 * record's {@link org.millrace.spi.plugin.Setting} names, the YAML file, an environment variable
 * ({@code MILLRACE_MQTT_MAX_PACKET_SIZE} for {@code mqtt.max-packet-size}), or {@code --set key=value}. Each value
 * remembers where it was set, so that every problem can name its place; problems are collected and reported together.
 * A value may refer to a secret by <code>${env:NAME}</code> or <code>${file:path}</code>; what is behind it is never
 * shown.
 *
 * <p>The host's own keys are {@link org.millrace.host.config.HostConfig}. All other top-level sections belong to
 * plugins, whose records are only known once they start: until then their keys are kept unread.
 */
@NullMarked
package org.millrace.host.config;

import org.jspecify.annotations.NullMarked;
