package org.millrace.host.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.millrace.host.operation.Restore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a data directory of a backup. */
@Command(
        name = "restore",
        description = {
            "Make a data directory of a backup.",
            "Every byte is compared with the backup's checksums. The data directory must not exist, or be empty; it"
                    + " appears when it is complete. A host started on it has what was acknowledged when the backup"
                    + " was made."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the data directory is complete", "1:nothing was restored"})
final class RestoreCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "The folder that 'millrace backup' made.")
    @SuppressWarnings("NullAway.Init") // required, so set by picocli before call
    private Path backup;

    @Mixin
    private final DataOptions data = new DataOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call
    private CommandSpec spec;

    RestoreCommand() {}

    @Override
    public Integer call() throws Exception {
        Path target = data.configuration().host().data().toAbsolutePath().normalize();
        Restore.Outcome done = new Restore(backup, target)
                .run(new ConsoleExchange(spec.commandLine().getErr(), null, null));
        spec.commandLine()
                .getOut()
                .println("restored " + target + ": " + done.bytes() + " bytes, changes up to " + done.lastSeq()
                        + ", as of " + done.created());
        return Millrace.OK;
    }
}
