package org.millrace.benchmarks.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.journal.Journal;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.JournalOptions;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Path;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.store.RecordStore;
import org.millrace.store.StoreOptions;
import org.millrace.store.WriteRequest;

/** A journal and a store as a host opens them, full of records of 300 bytes. */
final class StoreUnderTest implements Target, AutoCloseable {
    static final int BODY = 300;
    static final String TABLE = "bench";
    private static final int DIGITS = 7;
    private static final int FILL_WINDOW = 4_000;

    private final Journal journal;
    private final RecordStore store;
    private final Path[] paths;
    private final ContentFormats formats;
    private final Supplier<Content> contents;

    /** A store of records that are opaque and all the same. */
    StoreUnderTest(java.nio.file.Path directory, int keys) throws IOException {
        this(directory, keys, formats -> {
            Content content = formats.trusted(MediaType.OCTET_STREAM, new byte[BODY]);
            return () -> content;
        });
    }

    /** A store of records whose contents are asked for one put after the other, by the thread that puts. */
    StoreUnderTest(java.nio.file.Path directory, int keys, Function<ContentFormats, Supplier<Content>> contents)
            throws IOException {
        formats = new ContentFormats(new ContentLimits(1 << 20, 256));
        this.contents = contents.apply(formats);
        journal = Journal.open(
                JournalOptions.in(directory.resolve("journal")).withSegmentBytes(64 << 20),
                JournalFiles.system(),
                formats::trusted);
        store = RecordStore.open(StoreOptions.at(directory), journal, formats, Clock.systemUTC());
        paths = new Path[keys];
        for (int i = 0; i < keys; i++) {
            paths[i] = Path.of(new String(name(i), StandardCharsets.US_ASCII));
        }
    }

    /** The text of a record's path. */
    static byte[] name(int key) {
        byte[] name = (TABLE + "/record-0000000").getBytes(StandardCharsets.US_ASCII);
        name(name, key);
        return name;
    }

    /** Alters the text of a record's path into that of another. */
    static void name(byte[] name, int key) {
        int rest = key;
        for (int i = name.length - 1; i >= name.length - DIGITS; i--) {
            name[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    Journal journal() {
        return journal;
    }

    RecordStore store() {
        return store;
    }

    ContentFormats formats() {
        return formats;
    }

    int keys() {
        return paths.length;
    }

    /** Writes every record once and waits until all are in LMDB. */
    void fill() {
        Semaphore free = new Semaphore(FILL_WINDOW);
        for (Path path : paths) {
            free.acquireUninterruptibly();
            submit(path, Durability.OS, free::release);
        }
        free.acquireUninterruptibly(FILL_WINDOW);
        awaitApplied();
    }

    /** Waits until nothing is left to apply, so that one row does not pay for the one before. */
    void awaitApplied() {
        while (store.status().overlayEntries() > 0) {
            LockSupport.parkNanos(20_000_000);
        }
    }

    @Override
    public void put(int key, Runnable durable) {
        submit(paths[key], Durability.FSYNC, durable);
    }

    private void submit(Path path, Durability durability, Runnable done) {
        WriteRequest request = new WriteRequest(
                List.of(new Write.Put(path, contents.get(), WriteOptions.DEFAULT)), "", durability, new Outcome(done));
        while (!store.submit(request)) {
            LockSupport.parkNanos(50_000);
        }
    }

    private record Outcome(Runnable done) implements WriteRequest.Outcome {
        @Override
        public void committed(List<Commit> commits) {
            done.run();
        }

        @Override
        public void refused(ResourceException reason) {
            throw reason;
        }
    }

    @Override
    public void close() {
        store.close();
        journal.close();
    }
}
