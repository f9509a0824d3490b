package org.millrace.host.plugin;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a jar, or a folder of jars, as a host would before it loads a plugin from there. Loads nothing. */
public final class PluginCheck {
    private PluginCheck() {}

    /**
     * Checks a plugin's files.
     *
     * @param path the jar or folder
     * @return the state {@link PluginState#VERIFIED}, or {@link PluginState#FAILED} with reason and remedy
     * @throws IOException if there is neither a jar nor a folder of jars, or it cannot be looked at
     */
    public static PluginReport check(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        PluginSource source = PluginSource.at(absolute)
                .orElseThrow(() -> new NoSuchFileException(path + " is neither a jar nor a folder of jars"));
        try {
            PluginDescriptor found = new PluginVerifier(source).verify(source.jars());
            return new PluginReport(found.id(), found.version(), path.toString(), PluginState.VERIFIED, null);
        } catch (PluginFailedException e) {
            return new PluginReport(source.name(), "", path.toString(), PluginState.FAILED, e.failure());
        }
    }
}
