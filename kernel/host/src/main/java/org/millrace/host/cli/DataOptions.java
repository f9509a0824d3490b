package org.millrace.host.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.millrace.host.StoppedHost;
import org.millrace.host.config.Configuration;
import org.millrace.host.config.LogConfig;
import org.millrace.host.control.ControlClient;
import org.millrace.host.control.Operation;
import org.millrace.host.logging.Logging;
import org.millrace.host.operation.OperationException;
import org.millrace.store.DirectoryLock;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which data directory a command works on, and whether a host runs on it. */
final class DataOptions {
    @Mixin
    private final ConfigurationOptions options = new ConfigurationOptions();

    @Option(names = "--verbose", description = "Show the log too, on standard error.")
    private boolean verbose;

    DataOptions() {}

    Configuration configuration() {
        Configuration configuration = options.load(System.getenv(), System.getProperty("millrace.home"));
        LogConfig log = configuration.host().log();
        boolean quiet = !verbose && log.level().compareTo(LogConfig.Level.DEBUG) < 0;
        Logging.apply(quiet ? new LogConfig(log.format(), LogConfig.Level.WARN) : log);
        return configuration;
    }

    /** Has the running host do something or, if none runs, does it here. */
    Map<String, String> run(
            String operation, Map<String, String> arguments, boolean hasInput, Operation.Exchange exchange)
            throws IOException {
        Configuration configuration = configuration();
        Path data = configuration.host().data();
        StoppedHost.requireData(data);
        Optional<ControlClient> host = ControlClient.connect(data);
        if (host.isPresent()) {
            try (ControlClient client = host.get()) {
                return client.run(operation, new LinkedHashMap<>(arguments), hasInput, exchange);
            }
        }
        try (StoppedHost stopped = StoppedHost.open(configuration)) {
            return stopped.run(operation, arguments, exchange);
        }
    }

    /** Locks the directory of a host that must not be running. */
    DirectoryLock lock(String why) throws IOException {
        Path data = configuration().host().data();
        StoppedHost.requireData(data);
        Optional<ControlClient> host = ControlClient.connect(data);
        if (host.isPresent()) {
            host.get().close();
            throw new OperationException("a host is running on " + data.toAbsolutePath() + ", and " + why);
        }
        return DirectoryLock.acquire(data);
    }
}
