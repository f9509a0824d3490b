package org.millrace.host.cli;

import java.util.concurrent.Callable;
import org.millrace.store.DirectoryLock;
import org.millrace.store.RecordCompaction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Gives the disk back what records no longer use. */
@Command(
        name = "compact",
        description = {
            "Give the disk back what the records no longer use.",
            "Writes a copy without free space beside the records' file and puts it in its place in one step. The host"
                    + " must be stopped. Free space inside the file is used again by itself; this is for a file that"
                    + " has grown and is to be small again."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:nothing was altered"})
final class CompactCommand implements Callable<Integer> {
    @Mixin
    private final DataOptions data = new DataOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call
    private CommandSpec spec;

    CompactCommand() {}

    @Override
    public Integer call() throws Exception {
        try (DirectoryLock lock =
                data.lock("its records' file cannot be replaced while it is open. Stop it, then compact")) {
            RecordCompaction.Outcome done = new RecordCompaction(lock).run();
            spec.commandLine()
                    .getOut()
                    .println("records compacted: " + done.bytesBefore() + " bytes before, " + done.bytesAfter()
                            + " now");
            return Millrace.OK;
        }
    }
}
