package org.millrace.host.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.spi.ToolProvider;
import org.millrace.host.Host;

/**
 * The command line for programs that run it in their own JVM, such as tests of plugins. They find it as the
 * {@link ToolProvider} of the name {@code millrace}, and so need none of the kernel's classes.
 *
 * <p>{@code start} keeps the calling thread, and stops the host cleanly when that thread is interrupted. The log goes to
 * standard error; what a command prints goes to the given writers.
 */
public final class MillraceTool implements ToolProvider {
    private static final Duration GRACE = Duration.ofSeconds(5);

    /** Found as a service. */
    public MillraceTool() {}

    @Override
    public String name() {
        return "millrace";
    }

    @Override
    public Optional<String> description() {
        return Optional.of("Runs a host, and works on its records and plugins.");
    }

    @Override
    public int run(PrintWriter out, PrintWriter err, String... arguments) {
        return Millrace.commandLine(Host::start, stop -> {}, GRACE)
                .setOut(out)
                .setErr(err)
                .execute(arguments);
    }
}
