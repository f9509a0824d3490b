package org.millrace.host;

import org.millrace.host.cli.HostLauncher;
import org.millrace.host.cli.RunningHost;
import org.millrace.host.config.Configuration;

/** How the command line finds the host, by {@link java.util.ServiceLoader}. */
public final class HostProvider implements HostLauncher {
    /** For the service loader. */
    public HostProvider() {}

    @Override
    public RunningHost launch(Configuration configuration) throws Exception {
        return Host.start(configuration);
    }
}
