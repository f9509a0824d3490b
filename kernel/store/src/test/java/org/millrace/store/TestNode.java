package org.millrace.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.journal.ChangeReader;
import org.millrace.journal.Journal;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.JournalOptions;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;
import org.millrace.store.kv.LmdbKv;

/** A journal and a store in one directory, with waiting calls for tests. */
final class TestNode implements AutoCloseable {
    static final ContentFormats FORMATS = new ContentFormats(new ContentLimits(64 << 20, 256));

    final Journal journal;
    final RecordStore store;

    TestNode(StoreOptions options, JournalOptions journalOptions, JournalFiles files, Clock clock) {
        this(options, journalOptions, files, clock, LmdbKv::open);
    }

    TestNode(
            StoreOptions options,
            JournalOptions journalOptions,
            JournalFiles files,
            Clock clock,
            OpenRecords.KvOpener opener) {
        try {
            journal = Journal.open(journalOptions, files, FORMATS::trusted);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            store = openStore(options, clock, opener);
        } catch (RuntimeException e) {
            journal.close();
            throw e;
        }
    }

    private RecordStore openStore(StoreOptions options, Clock clock, OpenRecords.KvOpener opener) {
        DirectoryLock lock = DirectoryLock.acquire(options.directory());
        try {
            return RecordStore.open(lock, lock, options, journal, FORMATS, clock, opener);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    static TestNode open(Path directory) {
        return open(StoreOptions.at(directory));
    }

    static TestNode open(StoreOptions options) {
        return open(options, Clock.systemUTC());
    }

    static TestNode open(StoreOptions options, Clock clock) {
        return new TestNode(options, journalOptions(options.directory()), JournalFiles.system(), clock);
    }

    static JournalOptions journalOptions(Path directory) {
        return JournalOptions.in(directory.resolve("journal")).withSegmentBytes(1 << 20);
    }

    /** Writes and waits. */
    List<Commit> write(Write... writes) {
        return await(submit(Durability.FSYNC, writes));
    }

    CompletableFuture<List<Commit>> submit(Durability durability, Write... writes) {
        Answer answer = new Answer();
        if (!store.submit(new WriteRequest(List.of(writes), "tester", durability, answer))) {
            throw new IllegalStateException("the queue is full");
        }
        return answer.future;
    }

    static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ResourceException refusal) {
                throw refusal;
            }
            throw new CompletionException(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException("no outcome", e);
        }
    }

    /** The content of a record as text, or null. */
    String text(String path) {
        StoredEntry stored = store.get(path(path));
        return stored == null ? null : text(stored.entry().content());
    }

    /** All changes in the journal. */
    List<Change> changes() {
        List<Change> changes = new ArrayList<>();
        try (ChangeReader reader = journal.read(journal.firstSeq() - 1)) {
            for (Change change = reader.next(); change != null; change = reader.next()) {
                changes.add(change);
            }
        }
        return changes;
    }

    /** Everything in a range, read in slices. */
    List<StoredEntry> scan(ScanRange range, int slice) {
        List<StoredEntry> all = new ArrayList<>();
        org.millrace.spi.resource.Path after = null;
        while (true) {
            List<StoredEntry> next = store.scan(range, after, slice, Integer.MAX_VALUE);
            if (next.isEmpty()) {
                return all;
            }
            all.addAll(next);
            after = next.getLast().entry().path();
        }
    }

    /** Stops as a crash of the process would. */
    void crash() {
        store.abandon();
        journal.close();
    }

    @Override
    public void close() {
        store.close();
        journal.close();
    }

    static org.millrace.spi.resource.Path path(String text) {
        return org.millrace.spi.resource.Path.of(text);
    }

    static Content json(String text) {
        return FORMATS.of(MediaType.JSON, text.getBytes(StandardCharsets.UTF_8));
    }

    static Content bytes(int size) {
        return FORMATS.of(MediaType.OCTET_STREAM, new byte[size]);
    }

    static String text(Content content) {
        return new String(content.toByteArray(), StandardCharsets.UTF_8);
    }

    static Write.Put put(String path, String json) {
        return put(path, json, WriteOptions.DEFAULT);
    }

    static Write.Put put(String path, String json, WriteOptions options) {
        return new Write.Put(path(path), json(json), options);
    }

    static Write.Delete delete(String path) {
        return new Write.Delete(path(path), WriteOptions.DEFAULT);
    }

    static Write.Patch patch(String path, String json) {
        return new Write.Patch(path(path), json(json), WriteOptions.DEFAULT);
    }

    static Write.Publish publish(String path, String json) {
        return new Write.Publish(path(path), json(json), WriteOptions.DEFAULT);
    }

    /** An outcome as a future. */
    static final class Answer implements WriteRequest.Outcome {
        final CompletableFuture<List<Commit>> future = new CompletableFuture<>();

        @Override
        public void committed(List<Commit> commits) {
            future.complete(commits);
        }

        @Override
        public void refused(ResourceException reason) {
            future.completeExceptionally(reason);
        }
    }
}
