package org.millrace.host.logging;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogManager;

/**
 * Sends what is logged through {@code java.util.logging} to the host's log. Made by {@link LogManager} itself on its
 * first use, by the name in the system property {@code java.util.logging.config.class}.
 */
public final class JulBridge {
    private static final String SETTINGS = "handlers=org.slf4j.bridge.SLF4JBridgeHandler\n.level=INFO\n";

    /**
     * Installs the bridge.
     *
     * @throws IOException never: the settings are in memory
     */
    public JulBridge() throws IOException {
        LogManager.getLogManager()
                .readConfiguration(new ByteArrayInputStream(SETTINGS.getBytes(StandardCharsets.ISO_8859_1)));
    }
}
