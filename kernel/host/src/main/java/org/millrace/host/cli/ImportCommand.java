package org.millrace.host.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.millrace.host.operation.ImportOperation;
import org.millrace.host.operation.OperationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes records from lines of JSON. */
@Command(
        name = "import",
        description = {
            "Write records from lines of JSON (NDJSON), as 'millrace export' gives them.",
            "Lines are written in transactions of up to 1000, in order, as any client's writes: they get new versions,"
                    + " replace what is there, and keep to the rules of their tables. A line that cannot be taken ends"
                    + " the import; what came before it is written, and the message says how to go on. Records whose"
                    + " time has run out are left away."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all lines are written", "1:stopped at a line, which is named"})
final class ImportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The file to read; - for standard input.")
    @SuppressWarnings("NullAway.Init") // required, so set by picocli before call
    private Path file;

    @Option(
            names = "--from-line",
            paramLabel = "N",
            defaultValue = "1",
            description = "Skip the lines before this one, counted from 1.")
    private long fromLine;

    @Mixin
    private final DataOptions data = new DataOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call
    private CommandSpec spec;

    ImportCommand() {}

    @Override
    public Integer call() throws Exception {
        if (fromLine < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--from-line is " + fromLine + "; lines are counted from 1");
        }
        try (InputStream in = open()) {
            Map<String, String> done = data.run(
                    "import",
                    Map.of(ImportOperation.FROM_LINE, Long.toString(fromLine)),
                    true,
                    new ConsoleExchange(spec.commandLine().getErr(), null, in));
            spec.commandLine()
                    .getOut()
                    .println(done.get("records") + " records imported from " + done.get("lines") + " lines"
                            + ("0".equals(done.get("expired"))
                                    ? ""
                                    : "; " + done.get("expired") + " had expired and were left away"));
        }
        return Millrace.OK;
    }

    private InputStream open() throws IOException {
        if (file.toString().equals("-")) {
            return System.in;
        }
        if (Files.isDirectory(file) || !Files.isReadable(file)) {
            throw new OperationException("there is no file '" + file + "' that can be read; nothing was imported");
        }
        return Files.newInputStream(file);
    }
}
