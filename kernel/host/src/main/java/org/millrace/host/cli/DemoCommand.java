package org.millrace.host.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows what Millrace does with nothing prepared. */
@Command(
        name = "demo",
        description = "Show something with one command.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false)
final class DemoCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before run
    private CommandSpec spec;

    DemoCommand() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    @Command(
            name = "cluster",
            description = {
                "Start a nats-server and three hosts that replicate, on the loopback, until Ctrl-C.",
                "They take the usual ports where these are free, and any others where not. nats-server 2.9 or later"
                        + " has to be on the PATH; if there is none, root gets Debian's installed."
            },
            mixinStandardHelpOptions = true)
    int cluster(
            @Option(
                            names = "--data",
                            paramLabel = "DIRECTORY",
                            description = "Keep the data there; without this it is removed at the end.")
                    Optional<Path> data)
            throws IOException, InterruptedException {
        String home = System.getProperty("millrace.home");
        if (home == null) {
            throw new IOException("the demo starts bin/millrace of an installation; run it from there");
        }
        PrintWriter out = spec.commandLine().getOut();
        Path nats = DemoCluster.natsServer(spec.commandLine().getErr());
        Path directory =
                data.isPresent() ? Files.createDirectories(data.get()) : Files.createTempDirectory("millrace-demo-");
        try (DemoCluster cluster = new DemoCluster(Path.of(home), nats, directory, data.isEmpty())) {
            // Ctrl-C ends the JVM, which runs this.
            Thread stop = new Thread(cluster::close, "millrace-demo-stop");
            Runtime.getRuntime().addShutdownHook(stop);
            cluster.start(out);
            String ended = cluster.awaitEndOfAny();
            if (cluster.isClosed()) {
                return Millrace.OK;
            }
            spec.commandLine().getErr().println(ended + " has ended, and with it the demo");
            return Millrace.FAILED;
        }
    }
}
