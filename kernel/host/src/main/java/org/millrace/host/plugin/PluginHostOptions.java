package org.millrace.host.plugin;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where plugins are and how long they may take.
 *
 * @param directory holds a jar, or a folder of jars, for each plugin; need not exist
 * @param staging where jars are copied to before they are loaded; made if absent, and emptied: it must be the host's own
 * @param startTimeout how long a plugin's {@code start} may take
 * @param stopTimeout how long a plugin's {@code stop} may take
 * @param scanInterval how often the directory is looked at for jars that came, changed or went; zero for never
 */
public record PluginHostOptions(
        Path directory, Path staging, Duration startTimeout, Duration stopTimeout, Duration scanInterval) {}
