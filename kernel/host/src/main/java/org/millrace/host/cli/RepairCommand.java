package org.millrace.host.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.JournalRepair;
import org.millrace.store.DirectoryLock;
import org.millrace.store.StoredPlace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Goes on without what is damaged in a journal. */
@Command(
        name = "repair",
        description = {
            "Make a damaged journal usable by doing without what is damaged.",
            "Says what would be lost, and does it with --accept-loss only. What is taken out is moved to a folder"
                    + " beside the journal. If there is a backup, restoring it may lose less. The host must be stopped."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing is damaged, or it was repaired",
            "1:could not be repaired",
            "3:a loss has to be accepted"
        })
final class RepairCommand implements Callable<Integer> {
    private static final int NOT_ACCEPTED = 3;

    @Option(names = "--accept-loss", description = "Do it, having read what is lost.")
    private boolean acceptLoss;

    @Mixin
    private final DataOptions data = new DataOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call
    private CommandSpec spec;

    RepairCommand() {}

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        try (DirectoryLock lock = data.lock("its journal is in use and not damaged where it is read. Stop it first")) {
            Path journal = lock.directory().resolve("journal");
            StoredPlace records = StoredPlace.of(lock.directory());
            JournalRepair repair = new JournalRepair(journal, JournalFiles.system());
            Optional<JournalRepair.Plan> plan = repair.plan(records.appliedSeq());
            if (plan.isEmpty()) {
                out.println("nothing is damaged in " + journal);
                return Millrace.OK;
            }
            out.println("lost would be: " + plan.get().loss());
            plan.get().aside().forEach(file -> out.println("taken out: " + file));
            if (!acceptLoss) {
                out.println(
                        "Nothing was altered. 'millrace repair --accept-loss' does it; 'millrace restore' of a backup"
                                + " may lose less");
                return NOT_ACCEPTED;
            }
            Path aside = lock.directory()
                    .resolve("journal-damaged-"
                            + Instant.now()
                                    .truncatedTo(ChronoUnit.SECONDS)
                                    .toString()
                                    .replace(":", ""));
            repair.run(
                    plan.get(),
                    records.node(),
                    data.configuration().host().journal().segmentSize().bytes(),
                    aside);
            out.println("repaired; what was taken out is in " + aside);
            return Millrace.OK;
        }
    }
}
