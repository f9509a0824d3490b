package org.millrace.host.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.millrace.host.operation.BackupOperation;
import org.millrace.host.operation.ChangeRange;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Copies a data directory, also while a host serves it. */
@Command(
        name = "backup",
        description = {
            "Copy the records and the journal to a new folder.",
            "A host that runs on the data directory goes on serving meanwhile and writes the copy itself, as its own"
                    + " user; otherwise this process does, with the directory locked. The folder appears under its name"
                    + " when it is complete. Progress goes to standard error."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the backup is complete", "1:it could not be made; nothing is left of it"},
        footer = {"", "See 'millrace restore --help' and 'millrace verify --help'."})
final class BackupCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "The folder to make. It must not exist, or be empty.")
    @SuppressWarnings("NullAway.Init") // required, so set by picocli before call
    private Path target;

    @Option(
            names = "--without-history",
            description = "Leave out changes that the records contain already. The backup is smaller, and durable"
                    + " subscribers of a host restored from it have to start anew.")
    private boolean withoutHistory;

    @Mixin
    private final DataOptions data = new DataOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call
    private CommandSpec spec;

    BackupCommand() {}

    @Override
    public Integer call() throws Exception {
        Path folder = target.toAbsolutePath().normalize();
        Map<String, String> done = data.run(
                "backup",
                Map.of(
                        BackupOperation.TARGET, folder.toString(),
                        BackupOperation.HISTORY, Boolean.toString(!withoutHistory)),
                false,
                new ConsoleExchange(spec.commandLine().getErr(), null, null));
        spec.commandLine()
                .getOut()
                .println("backup " + folder + " is complete: " + done.get("bytes") + " bytes, "
                        + ChangeRange.text(
                                Long.parseLong(done.getOrDefault("firstSeq", "0")),
                                Long.parseLong(done.getOrDefault("lastSeq", "0"))));
        return Millrace.OK;
    }
}
