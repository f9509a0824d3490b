package org.millrace.host.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.millrace.host.control.ControlClient;
import org.millrace.host.operation.ClusterText;
import org.millrace.host.operation.OperationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows how a running host is doing among the nodes of its cluster. */
@Command(
        name = "cluster",
        description = "Show how a running host replicates with other nodes.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false)
final class ClusterCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before run
    private CommandSpec spec;

    ClusterCommand() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    @Command(
            name = "status",
            description =
                    "Show the nodes, how far behind they are, and what to look at; ends with 1 if there is something.",
            mixinStandardHelpOptions = true)
    int status(@Mixin DataOptions data) throws IOException {
        java.nio.file.Path directory = data.configuration().host().data();
        Optional<ControlClient> host = ControlClient.connect(directory);
        if (host.isEmpty()) {
            throw new OperationException("no host runs on " + directory.toAbsolutePath()
                    + ". Start it, or name another data directory with --data");
        }
        PrintWriter out = spec.commandLine().getOut();
        java.io.ByteArrayOutputStream lines = new java.io.ByteArrayOutputStream();
        ConsoleExchange exchange = new ConsoleExchange(spec.commandLine().getErr(), lines, null);
        try (ControlClient client = host.get()) {
            Map<String, String> result = client.run(ClusterText.OPERATION, Map.of(), false, exchange);
            exchange.flush();
            out.print(lines.toString(StandardCharsets.UTF_8));
            out.flush();
            return Boolean.parseBoolean(result.get(ClusterText.WELL)) ? Millrace.OK : Millrace.FAILED;
        }
    }
}
