package org.millrace.host.config;

import java.nio.file.Path;
import java.time.Duration;
import org.millrace.spi.plugin.Setting;

/**
 * Where plugins are and how long they may take.
 *
 * @param directory holds one jar, or one folder of jars, a plugin
 * @param startTimeout how long a plugin's {@code start} may take
 * @param stopTimeout how long a plugin's {@code stop} may take
 * @param scanInterval how often the directory is looked at for jars that came, changed or went
 * @param resourceTimeout how long a custom resource may take to decide about a write or a read
 */
public record PluginsConfig(
        @Setting(value = "plugins", doc = "directory with a jar, or a folder of jars, for each plugin")
        Path directory,

        @Setting(value = "30s", min = 100, doc = "time a plugin may take to start")
        Duration startTimeout,

        @Setting(value = "5s", min = 100, doc = "time a plugin may take to stop")
        Duration stopTimeout,

        @Setting(value = "1s", doc = "how often the directory is looked at for new jars; 0s for never")
        Duration scanInterval,

        @Setting(value = "10s", min = 10, doc = "time a plugin may take to decide about a client's write or read")
        Duration resourceTimeout) {}
