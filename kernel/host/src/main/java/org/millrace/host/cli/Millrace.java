package org.millrace.host.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.millrace.host.Host;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The process's entry point: reads the command line and runs one command. */
@Command(
        name = "millrace",
        description = "A real-time data host: one tree of records, every protocol.",
        subcommands = {
            ConfigCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            VerifyCommand.class,
            RepairCommand.class,
            CompactCommand.class,
            ExportCommand.class,
            ImportCommand.class,
            PluginCommand.class,
            ClusterCommand.class,
            DemoCommand.class,
            VersionCommand.class
        },
        mixinStandardHelpOptions = true,
        versionProvider = Versions.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "'millrace COMMAND --help' describes a command."})
public final class Millrace implements Callable<Integer> {
    /** A clean end. */
    static final int OK = 0;
    /** The host could not start, or did not stop in time. */
    static final int FAILED = 1;
    /** The command line or the configuration is wrong. */
    static final int USAGE = 2;

    private static final Duration GRACE = Duration.ofSeconds(5);

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call
    private CommandSpec spec;

    private Millrace() {}

    /**
     * Runs a command and ends the process.
     *
     * @param arguments the command line
     */
    public static void main(String[] arguments) {
        System.exit(commandLine(Host::start, new Signals(), GRACE).execute(arguments));
    }

    static CommandLine commandLine(HostLauncher launcher, StopSignal stop, Duration grace) {
        return new CommandLine(new Millrace())
                .addSubcommand(new StartCommand(launcher, stop, grace))
                .setExecutionExceptionHandler(new StartFailures())
                .setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }
}
