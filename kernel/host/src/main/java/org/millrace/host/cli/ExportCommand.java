package org.millrace.host.cli;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.millrace.host.operation.ExportOperation;
import org.millrace.host.operation.OperationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes records as lines of JSON. */
@Command(
        name = "export",
        description = {
            "Write records as lines of JSON (NDJSON).",
            "Each line has path, type, content (JSON as it is) or base64 (every other type), version, and expires, qos"
                    + " and properties where the record has them. Works on a running host too; each record is then as"
                    + " it was at some moment during the export. Progress goes to standard error."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all is written", "1:could not be exported; no file is left"})
final class ExportCommand implements Callable<Integer> {
    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "A new file, which appears when it is complete. Default: standard output.")
    private @Nullable Path output;

    @Option(
            names = "--table",
            paramLabel = "NAME",
            description = "Only this table. Default: all, and their definitions.")
    private @Nullable String table;

    @Mixin
    private final DataOptions data = new DataOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call
    private CommandSpec spec;

    ExportCommand() {}

    @Override
    public Integer call() throws Exception {
        Map<String, String> arguments = new LinkedHashMap<>();
        if (table != null) {
            arguments.put(ExportOperation.TABLE, table);
        }
        Path file = output;
        String records;
        if (file == null) {
            records = export(arguments, System.out);
            if (System.out.checkError()) {
                throw new IOException("standard output takes no more; the export is not complete");
            }
        } else {
            records = toFile(arguments, file);
        }
        spec.commandLine().getErr().println(records + " records exported");
        return Millrace.OK;
    }

    private String toFile(Map<String, String> arguments, Path file) throws IOException {
        if (Files.exists(file)) {
            throw new OperationException(file + " exists; nothing was written. Name a new file");
        }
        Path incomplete = file.resolveSibling(file.getFileName() + ".incomplete");
        boolean done = false;
        try (FileOutputStream out = new FileOutputStream(incomplete.toFile())) {
            String records = export(arguments, out);
            out.getChannel().force(true);
            Files.move(incomplete, file, StandardCopyOption.ATOMIC_MOVE);
            done = true;
            return records;
        } finally {
            if (!done) {
                Files.deleteIfExists(incomplete);
            }
        }
    }

    private String export(Map<String, String> arguments, OutputStream out) throws IOException {
        ConsoleExchange exchange = new ConsoleExchange(spec.commandLine().getErr(), out, null);
        Map<String, String> result = data.run("export", arguments, false, exchange);
        exchange.flush();
        return result.getOrDefault("records", "0");
    }
}
