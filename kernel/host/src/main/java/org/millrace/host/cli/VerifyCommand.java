package org.millrace.host.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.host.StoppedHost;
import org.millrace.host.operation.Verification;
import org.millrace.store.DirectoryLock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads all of a data directory and says what is wrong. */
@Command(
        name = "verify",
        description = {
            "Read all of a data directory, or of a backup, and say what is wrong with it.",
            "Checks every entry of the journal, every record, and each against the other. Alters nothing. The data"
                    + " directory's host must be stopped; to verify a running one, verify a backup of it."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:nothing is wrong", "1:could not be verified", "3:something is wrong, and is listed"})
final class VerifyCommand implements Callable<Integer> {
    private static final int FAULTY = 3;

    @Parameters(paramLabel = "DIR", arity = "0..1", description = "A backup to verify, instead of the data directory.")
    private @Nullable Path backup;

    @Mixin
    private final DataOptions data = new DataOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before call
    private CommandSpec spec;

    VerifyCommand() {}

    @Override
    public Integer call() throws Exception {
        Path folder = backup;
        if (folder != null) {
            data.configuration();
            StoppedHost.requireData(folder);
            return verify(folder);
        }
        try (DirectoryLock lock = data.lock("only data that nobody writes to can be verified. Stop it, or verify a"
                + " backup: 'millrace backup DIR' and 'millrace verify DIR'")) {
            return verify(lock.directory());
        }
    }

    private int verify(Path folder) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        ContentFormats formats = new ContentFormats(new ContentLimits(1 << 30, ContentLimits.DEEPEST));
        Verification.Outcome found = new Verification(folder, formats, line -> {
                    err.println(line);
                    err.flush();
                })
                .run();
        found.faults().forEach(out::println);
        if (found.count() > found.faults().size()) {
            out.println("and " + (found.count() - found.faults().size()) + " more");
        }
        found.summary().forEach(out::println);
        out.println(found.count() == 0 ? "nothing is wrong" : found.count() + " fault(s)");
        out.flush();
        return found.count() == 0 ? Millrace.OK : FAULTY;
    }
}
