package org.millrace.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.millrace.host.config.Configuration;
import org.millrace.host.control.Operation;
import org.millrace.host.operation.OperationException;

/**
 * A data directory opened by the command line while no host runs on it: with its lock held, and without plugins or
 * listeners. Opening it recovers from a crash as a start does. Used by one thread; blocks.
 */
public final class StoppedHost implements AutoCloseable {
    private final OpenParts parts;
    private final OpenTree open;
    private final Clock clock;

    private StoppedHost(OpenParts parts, OpenTree open, Clock clock) {
        this.parts = parts;
        this.open = open;
        this.clock = clock;
    }

    /**
     * Opens a data directory.
     *
     * @param configuration names it, and the limits and tables' rules that apply
     * @return the directory, to be closed
     * @throws OperationException if there is none
     * @throws IOException if the journal cannot be opened
     * @throws org.millrace.store.StoreOpenException if it is in use, or the records cannot be opened
     */
    public static StoppedHost open(Configuration configuration) throws IOException {
        Path data = configuration.host().data();
        requireData(data);
        OpenParts parts = new OpenParts();
        try {
            Clock clock = Clock.systemUTC();
            return new StoppedHost(parts, OpenTree.open(configuration.host(), clock, parts), clock);
        } catch (IOException | RuntimeException | Error e) {
            parts.close();
            throw e;
        }
    }

    /**
     * Refuses a folder that holds no host's data, so that a mistyped name does not make a new one.
     *
     * @param data the folder
     * @throws OperationException if it has no journal
     */
    public static void requireData(Path data) {
        if (!Files.isDirectory(data.resolve("journal"))) {
            throw new OperationException(
                    "there is no data in " + data.toAbsolutePath() + ". Name the data directory with --data");
        }
    }

    /**
     * Does an operation.
     *
     * @param name which
     * @param arguments what the operator gave
     * @param exchange where progress and output go, and input comes from
     * @return what came of it
     * @throws IOException if a file cannot be read or written
     */
    public Map<String, String> run(String name, Map<String, String> arguments, Operation.Exchange exchange)
            throws IOException {
        for (Operation operation : open.operations(clock)) {
            if (operation.name().equals(name)) {
                return operation.run(arguments, exchange);
            }
        }
        throw new IllegalArgumentException("no operation is called " + name);
    }

    @Override
    public void close() {
        parts.close();
    }
}
