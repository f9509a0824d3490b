package org.millrace.host.operation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.millrace.host.control.Operation;
import org.millrace.journal.Journal;
import org.millrace.spi.plugin.Registration;
import org.millrace.store.RecordStore;

/**
 * Copies the records and the journal to a folder while the host serves. The copy is of one moment: the records as LMDB
 * has them on disk, and the journal from before that moment to what was synced after it, which a restored host applies
 * at its first start.
 */
public final class BackupOperation implements Operation {
    /** The argument that says where to. */
    public static final String TARGET = "target";
    /** The argument that says whether changes the records already contain are copied too: {@code true} or not. */
    public static final String HISTORY = "history";

    private static final String RECORDS = "records";
    static final String JOURNAL = "journal";

    private final RecordStore store;
    private final Journal journal;
    private final Clock clock;
    private final String release;

    /**
     * Makes the operation.
     *
     * @param store the records
     * @param journal their journal
     * @param clock the time
     * @param release this release, for the manifest
     */
    public BackupOperation(RecordStore store, Journal journal, Clock clock, String release) {
        this.store = store;
        this.journal = journal;
        this.clock = clock;
        this.release = release;
    }

    @Override
    public String name() {
        return "backup";
    }

    @Override
    public Map<String, String> run(Map<String, String> arguments, Exchange exchange) throws IOException {
        Path target = Path.of(arguments.getOrDefault(TARGET, ""));
        if (!target.isAbsolute()) {
            throw new OperationException("'" + target + "' is no absolute path. Use 'millrace backup DIR'");
        }
        Path incomplete = Folders.begin(target);
        boolean done = false;
        try {
            BackupManifest manifest = copy(incomplete, Boolean.parseBoolean(arguments.get(HISTORY)), exchange);
            manifest.write(incomplete);
            Folders.complete(incomplete, target);
            done = true;
            Map<String, String> result = new LinkedHashMap<>();
            result.put(TARGET, target.toString());
            result.put("bytes", Long.toString(manifest.bytes()));
            result.put("firstSeq", Long.toString(manifest.firstSeq()));
            result.put("lastSeq", Long.toString(manifest.lastSeq()));
            return result;
        } finally {
            if (!done) {
                Folders.delete(incomplete);
            }
        }
    }

    private BackupManifest copy(Path folder, boolean history, Exchange exchange) throws IOException {
        long applied = store.status().appliedSeq();
        long after = history ? Math.min(journal.firstSeq() - 1, applied) : applied;
        try (Registration pin = journal.retain("a backup", () -> after)) {
            copyRecords(folder.resolve(RECORDS), exchange);
            Pace pace = new Pace(exchange);
            long last = journal.copyTo(
                    folder.resolve(JOURNAL),
                    after,
                    told(pace, bytes -> "journal: " + Pace.mebibytes(bytes) + " copied"));
            List<BackupManifest.BackedUp> files = new ArrayList<>();
            for (Path file : Folders.files(folder)) {
                files.add(BackupManifest.BackedUp.of(
                        folder, file, told(pace, bytes -> "reading back " + file.getFileName())));
            }
            return new BackupManifest(
                    release,
                    clock.instant().truncatedTo(ChronoUnit.SECONDS).toString(),
                    Long.toHexString(journal.node()),
                    firstSeq(folder.resolve(JOURNAL)),
                    last,
                    List.copyOf(files));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static LongConsumer told(Pace pace, java.util.function.LongFunction<String> text) {
        return bytes -> {
            try {
                pace.at(() -> text.apply(bytes));
            } catch (IOException e) {
                throw new UncheckedIOException("the command line is gone; the backup was given up", e);
            }
        };
    }

    private static long firstSeq(Path copied) throws IOException {
        String first = Folders.files(copied).getFirst().getFileName().toString();
        return Long.parseLong(first.substring(0, first.indexOf('.')));
    }

    /** LMDB copies in one call; how far it is, the growing file tells. */
    private void copyRecords(Path target, Exchange exchange) throws IOException {
        CompletableFuture<Void> copying = new CompletableFuture<>();
        Thread.ofPlatform().name("millrace-backup").daemon().start(() -> {
            try {
                store.copyTo(target);
                copying.complete(null);
            } catch (RuntimeException | Error e) {
                copying.completeExceptionally(e);
            }
        });
        long total = store.status().diskUsedBytes();
        boolean gone = false;
        while (true) {
            try {
                copying.get(2, TimeUnit.SECONDS);
                if (gone) {
                    throw new IOException("the command line is gone; the backup was given up");
                }
                return;
            } catch (TimeoutException e) {
                Path file = target.resolve("data.mdb");
                try {
                    if (!gone) {
                        exchange.progress("records: "
                                + Pace.of(Math.min(total, Files.exists(file) ? Files.size(file) : 0), total));
                    }
                } catch (IOException lost) {
                    gone = true; // LMDB cannot be stopped; what it makes is removed afterwards
                }
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                throw new CompletionException(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                copying.join();
            }
        }
    }
}
