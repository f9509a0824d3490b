package org.millrace.host;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.host.config.HostConfig;
import org.millrace.host.config.JournalConfig;
import org.millrace.host.operation.ChangeRange;
import org.millrace.host.resources.PresentRecords;
import org.millrace.host.resources.SystemResources;
import org.millrace.journal.Journal;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.JournalOptions;
import org.millrace.spi.plugin.Registration;
import org.millrace.store.DirectoryLock;
import org.millrace.store.RecordStore;
import org.millrace.store.StoreOptions;
import org.millrace.subscription.ChangeSource;
import org.millrace.subscription.SubscriptionEngine;
import org.millrace.subscription.SubscriptionOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What holds the records: contents, journal, store and subscriptions.
 *
 * @param formats makes contents
 * @param journal every change
 * @param store every record
 * @param system resources that are computed
 * @param subscriptions delivers changes
 * @param queries reads for queries; refuses when it has too much to do
 * @param opening keeps all history; to be closed when everybody has said what he needs of it, or never
 */
record Kernel(
        ContentFormats formats,
        Journal journal,
        RecordStore store,
        SystemResources system,
        SubscriptionEngine subscriptions,
        Executor queries,
        Registration opening) {
    private static final Logger log = LoggerFactory.getLogger(Kernel.class);
    private static final int QUERY_THREADS = 4;
    private static final int WAITING_QUERIES = 10_000;

    /**
     * Opens the data directory and what is in it.
     *
     * @param config where and how
     * @param clock the time
     * @param parts remembers what was opened, also if this fails half way
     * @throws IOException if the journal cannot be opened
     * @throws org.millrace.store.StoreOpenException if the directory is in use or the records cannot be opened
     */
    static Kernel open(HostConfig config, Clock clock, OpenParts parts) throws IOException {
        Path data = config.data();
        ContentFormats formats = new ContentFormats(new ContentLimits(
                config.limits().content().toIntSaturated(), config.limits().depth()));
        // First of all: opening a journal repairs its end, which must not happen to one that is in use.
        DirectoryLock lock = parts.add("the data directory's lock", DirectoryLock.acquire(data));
        Journal journal = parts.add(
                "the journal", Journal.open(options(data, config.journal()), JournalFiles.system(), formats::trusted));
        log.info(
                "Journal in {} opened: node {}, {}",
                data.resolve("journal"),
                Long.toHexString(journal.node()),
                ChangeRange.text(journal.firstSeq(), journal.lastSeq()));
        Registration opening = journal.retain("the host, which is starting,", () -> journal.firstSeq() - 1);
        RecordStore store = parts.add(
                "the store",
                RecordStore.open(
                        lock,
                        StoreOptions.at(data)
                                .withMapBytes(config.store().mapSize().bytes())
                                .withReaderAge(config.store().readerAge())
                                .withTombstones(
                                        config.cluster().isOn()
                                                ? config.cluster().tombstones()
                                                : Duration.ZERO),
                        journal,
                        formats,
                        clock));
        log.info("Records in {} opened", data.resolve("records"));
        // Half of what is kept in memory: beyond, fan-out would have to read from the disk and be slower still.
        SubscriptionOptions options = SubscriptionOptions.DEFAULTS
                .withLiveQueryMembers(config.subscriptions().liveQueryRecords())
                .withIndexedChanges(config.subscriptions().indexedChanges())
                .withMaxLag(config.journal().ringCapacity() / 2);
        // The engine runs no more than so many readers at once: this pool never refuses it.
        ThreadPoolExecutor readers = parts.add(
                "the readers",
                pool("millrace-reader", options.readers(), new ArrayBlockingQueue<>(options.readers() * 2)));
        ThreadPoolExecutor queries =
                parts.add("queries", pool("millrace-query", QUERY_THREADS, new ArrayBlockingQueue<>(WAITING_QUERIES)));
        ChangeSource changes = ChangeSource.of(journal);
        SystemResources system = new SystemResources(formats, clock);
        SubscriptionEngine subscriptions = parts.add(
                "subscriptions",
                SubscriptionEngine.start(changes, new PresentRecords(store, changes, system), options, readers));
        return new Kernel(formats, journal, store, system, subscriptions, queries, opening);
    }

    private static JournalOptions options(Path data, JournalConfig config) {
        JournalOptions defaults = JournalOptions.in(data.resolve("journal"));
        return defaults.withSegmentBytes(config.segmentSize().bytes())
                .withRing(config.ringCapacity(), defaults.ringBytes())
                .withRetention(
                        config.retainSize().bytes(),
                        config.retainAge(),
                        Math.max(config.hardCap().bytes(), config.retainSize().bytes()));
    }

    private static ThreadPoolExecutor pool(String name, int threads, ArrayBlockingQueue<Runnable> queue) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                30,
                TimeUnit.SECONDS,
                queue,
                Thread.ofPlatform().name(name + "-", 1).daemon().factory());
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
