package org.millrace.host.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.millrace.host.control.ControlClient;
import org.millrace.host.operation.OperationException;
import org.millrace.host.operation.PluginOperation;
import org.millrace.host.plugin.PluginCheck;
import org.millrace.host.plugin.PluginReport;
import org.millrace.host.plugin.PluginState;
import org.millrace.host.plugin.PluginTemplate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows and alters which plugins of a running host run. */
@Command(
        name = "plugin",
        description = {
            "Show, start, stop and reload the plugins of a running host, and begin new ones.",
            "A plugin that is stopped starts again with the host, or when its jar changes; to leave it out for good,"
                    + " put a file such as mqtt.jar.disabled beside it."
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false)
final class PluginCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before run
    private CommandSpec spec;

    PluginCommand() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    @Command(
            name = "list",
            description = "List all plugins with their versions and states.",
            mixinStandardHelpOptions = true)
    int list(@Mixin DataOptions data) throws IOException {
        return ask(data, Map.of(PluginOperation.ACT, "list"));
    }

    @Command(
            name = "show",
            description = "Show one plugin's state and, if it failed, why.",
            mixinStandardHelpOptions = true)
    int show(@Parameters(paramLabel = "ID", description = "The plugin.") String id, @Mixin DataOptions data)
            throws IOException {
        return ask(data, "show", id);
    }

    @Command(
            name = "start",
            description = "Start a plugin that was stopped or failed, from its jar as it is now.",
            mixinStandardHelpOptions = true)
    int start(@Parameters(paramLabel = "ID", description = "The plugin.") String id, @Mixin DataOptions data)
            throws IOException {
        return ask(data, "start", id);
    }

    @Command(name = "stop", description = "Stop a plugin; its connections are closed.", mixinStandardHelpOptions = true)
    int stop(@Parameters(paramLabel = "ID", description = "The plugin.") String id, @Mixin DataOptions data)
            throws IOException {
        return ask(data, "stop", id);
    }

    @Command(
            name = "reload",
            description = "Start a plugin anew from its jar as it is now; if that fails, it goes on as it was.",
            mixinStandardHelpOptions = true)
    int reload(@Parameters(paramLabel = "ID", description = "The plugin.") String id, @Mixin DataOptions data)
            throws IOException {
        return ask(data, "reload", id);
    }

    @Command(
            name = "verify",
            description = "Read a plugin's jar, or folder of jars, as a host would before loading it. Needs no host.",
            mixinStandardHelpOptions = true)
    int verify(@Parameters(paramLabel = "FILE", description = "The jar or folder.") Path file) {
        PrintWriter out = spec.commandLine().getOut();
        try {
            PluginReport report = PluginCheck.check(file);
            out.println(report.line());
            return report.state() == PluginState.VERIFIED ? Millrace.OK : Millrace.FAILED;
        } catch (FileSystemException e) {
            throw new OperationException(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new OperationException(file + " cannot be read: " + e.getMessage());
        }
    }

    @Command(
            name = "new",
            description = {
                "Begin a plugin: write a Maven project that is built and tested with 'mvn verify'.",
                "It is built against this installation and needs no host."
            },
            mixinStandardHelpOptions = true)
    int begin(
            @Parameters(paramLabel = "DIR", description = "A folder that is empty or not there yet.") Path folder,
            @Option(
                            names = "--id",
                            paramLabel = "ID",
                            defaultValue = "",
                            description = "The plugin's id; otherwise the folder's name.")
                    String id,
            @Option(
                            names = "--package",
                            paramLabel = "PACKAGE",
                            defaultValue = "",
                            description = "The package of its classes; otherwise com.example and the id.")
                    String packageName) {
        String home = System.getProperty("millrace.home");
        if (home == null) {
            throw new OperationException("a plugin is begun with an installation's bin/millrace, which this is not");
        }
        Path target = folder.toAbsolutePath().normalize();
        try {
            List<Path> files = PluginTemplate.named(
                            Path.of(home), id.isEmpty() ? String.valueOf(target.getFileName()) : id, packageName)
                    .write(target);
            PrintWriter out = spec.commandLine().getOut();
            out.println(files.size() + " files are in " + target + "; README.md says what they do. Next: cd " + folder
                    + " && mvn verify");
            return Millrace.OK;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
        } catch (DirectoryNotEmptyException e) {
            throw new OperationException(target + " is not empty; name another folder");
        } catch (IOException e) {
            throw new OperationException(target + " cannot be written: " + e);
        }
    }

    private int ask(DataOptions data, String act, String id) throws IOException {
        return ask(data, Map.of(PluginOperation.ACT, act, PluginOperation.ID, id));
    }

    private int ask(DataOptions data, Map<String, String> arguments) throws IOException {
        Path directory = data.configuration().host().data();
        Optional<ControlClient> host = ControlClient.connect(directory);
        if (host.isEmpty()) {
            throw new OperationException("no host runs on " + directory.toAbsolutePath()
                    + ". Start it, or name another data directory with --data");
        }
        PrintWriter out = spec.commandLine().getOut();
        ConsoleExchange exchange = new ConsoleExchange(spec.commandLine().getErr(), lines(out), null);
        try (ControlClient client = host.get()) {
            Map<String, String> result = client.run(PluginOperation.NAME, arguments, false, exchange);
            exchange.flush();
            return Boolean.parseBoolean(result.get(PluginOperation.DONE)) ? Millrace.OK : Millrace.FAILED;
        }
    }

    private static OutputStream lines(PrintWriter out) {
        return new OutputStream() {
            @Override
            public void write(int b) {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) {
                // Whole lines come at once, so no character is cut in two.
                out.write(new String(bytes, from, length, StandardCharsets.UTF_8));
            }

            @Override
            public void flush() {
                out.flush();
            }
        };
    }
}
