package org.millrace.host.operation;

import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.millrace.content.ContentFormats;
import org.millrace.host.control.Operation;
import org.millrace.host.identity.Grants;
import org.millrace.host.resources.ResourceTree;
import org.millrace.host.resources.ResourcesView;
import org.millrace.spi.identity.ConnectionInfo;
import org.millrace.spi.identity.Identity;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;

/**
 * Writes records from lines, in transactions: like any client's writes, with new versions and under the rules of their
 * tables. Stops at the first line it cannot take; what came before is then written, and the failure says from which line
 * to go on.
 */
public final class ImportOperation implements Operation {
    /** The argument that says with which line to begin, counted from 1. */
    public static final String FROM_LINE = "from-line";

    static final String DEFINITIONS = "$sys/tables/";

    private static final int BATCH = 1_000;
    private static final long BATCH_BYTES = 4 << 20;

    private final ResourceTree tree;
    private final RecordLine format;
    private final Executor completions;
    private final Clock clock;

    /**
     * Makes the operation.
     *
     * @param tree where records are written
     * @param formats makes contents
     * @param completions where stages complete
     * @param clock the time
     */
    public ImportOperation(ResourceTree tree, ContentFormats formats, Executor completions, Clock clock) {
        this.tree = tree;
        this.format = new RecordLine(formats);
        this.completions = completions;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "import";
    }

    @Override
    public Map<String, String> run(Map<String, String> arguments, Exchange exchange) throws IOException {
        long from = Long.parseLong(arguments.getOrDefault(FROM_LINE, "1"));
        ConnectionInfo via = new ConnectionInfo("control", "local", true, "millrace import");
        try (ResourcesView view =
                tree.open("import", new Identity("operator", Set.of()), Grants.ALL, via, completions, closed -> {})) {
            return new Run(view, exchange, from).run();
        }
    }

    /** One import under way. */
    private final class Run {
        private final ResourcesView view;
        private final Exchange exchange;
        private final Pace pace;
        private final long from;
        private final List<Write> batch = new ArrayList<>();
        private long batchBytes;
        private boolean ofDefinitions;
        private long line;
        private long written;
        private long expired;
        /** All lines up to this one are done. */
        private long done;

        Run(ResourcesView view, Exchange exchange, long from) {
            this.view = view;
            this.exchange = exchange;
            this.pace = new Pace(exchange);
            this.from = from;
            this.done = from - 1;
        }

        Map<String, String> run() throws IOException {
            for (byte[] text = exchange.input(); text != null; text = exchange.input()) {
                line++;
                if (line >= from && !isBlank(text)) {
                    add(decode(text));
                }
            }
            flush(line);
            return Map.of(
                    "records", Long.toString(written),
                    "expired", Long.toString(expired),
                    "lines", Long.toString(line));
        }

        private static boolean isBlank(byte[] text) {
            for (byte b : text) {
                if (b != ' ' && b != '\t' && b != '\r') {
                    return false;
                }
            }
            return true;
        }

        private Write.Put decode(byte[] text) {
            try {
                return format.decode(text);
            } catch (ResourceException e) {
                flush(line - 1);
                throw stopped("line " + line + ": " + e.getMessage(), e);
            }
        }

        private void add(Write.Put put) throws IOException {
            if (!put.options().expiresAt().isAfter(clock.instant())) {
                expired++;
                return;
            }
            boolean definition = put.path().toString().startsWith(DEFINITIONS);
            if (put.path().isSystem() && !definition) {
                flush(line - 1);
                throw stopped(
                        "line " + line + ": '" + put.path() + "' is the system's own and cannot be imported", null);
            }
            long size = put.content().size();
            // A table must be there before its records are looked at.
            if (definition != ofDefinitions || batch.size() == BATCH || batchBytes + size > BATCH_BYTES) {
                flush(line - 1);
                ofDefinitions = definition;
            }
            batch.add(put);
            batchBytes += size;
            pace.at(() -> written + " records written, at line " + line);
        }

        /** Writes what was gathered, and waits. */
        private void flush(long through) {
            if (!batch.isEmpty()) {
                long first = done + 1;
                try {
                    write();
                } catch (ResourceException e) {
                    throw stopped(
                            "lines " + first + " to " + through + " were refused, none of them is written: "
                                    + e.getMessage(),
                            e);
                }
                written += batch.size();
                batch.clear();
                batchBytes = 0;
            }
            done = Math.max(done, through);
        }

        private void write() {
            while (true) {
                try {
                    view.transact(List.copyOf(batch)).toCompletableFuture().join();
                    return;
                } catch (CompletionException e) {
                    if (!(e.getCause() instanceof ResourceException refusal)) {
                        throw e;
                    }
                    if (refusal.code() != ErrorCode.BUSY) {
                        throw refusal;
                    }
                    view.whenReady().toCompletableFuture().join();
                }
            }
        }

        private OperationException stopped(String why, @org.jspecify.annotations.Nullable Throwable cause) {
            String what = why + ". Lines up to " + done
                    + " are imported. Correct the file, then go on with --from-line " + (done + 1);
            return cause == null ? new OperationException(what) : new OperationException(what, cause);
        }
    }
}
