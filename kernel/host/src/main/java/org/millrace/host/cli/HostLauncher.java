package org.millrace.host.cli;

import org.millrace.host.config.Configuration;

/** Starts a host. What the command line needs of {@code org.millrace.host.Host}. */
@FunctionalInterface
public interface HostLauncher {
    /**
     * Starts a host with all its plugins. When this throws, nothing is left open.
     *
     * @param configuration what was configured, with all host keys known to be good
     * @return the host, which serves
     * @throws org.millrace.spi.plugin.ConfigurationException if a part found its configuration unusable
     * @throws Exception why the host cannot start; the message is what the operator reads
     */
    RunningHost launch(Configuration configuration) throws Exception;
}
