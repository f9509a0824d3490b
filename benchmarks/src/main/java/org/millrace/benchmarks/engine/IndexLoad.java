package org.millrace.benchmarks.engine;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.millrace.content.AttributePath;
import org.millrace.content.ContentFormats;
import org.millrace.query.ParsedQuery;
import org.millrace.query.QueryEngine;
import org.millrace.query.QueryExecution;
import org.millrace.query.QueryLimits;
import org.millrace.query.QueryParser;
import org.millrace.query.RowSlice;
import org.millrace.spi.content.Content;
import org.millrace.spi.content.MediaType;
import org.millrace.store.IndexStatus;

/**
 * What secondary indexes cost puts, and what they give queries. Every put alters all indexed attributes, so each index
 * loses an entry and gains one.
 */
final class IndexLoad {
    /** How many records a query finds on average. */
    private static final int FOUND = 100;
    /** Contents made beforehand, as making them must not be measured. */
    private static final int BODIES = 1 << 16;

    private static final List<String> ATTRIBUTES = List.of("group", "temperature", "device");

    private final Options options;
    private final java.nio.file.Path directory;
    private final PrintStream table;

    IndexLoad(Options options, java.nio.file.Path directory, PrintStream table) {
        this.options = options;
        this.directory = directory;
        this.table = table;
    }

    /** Measures and prints puts with no index, one and three, and then queries by one of them. */
    void run(int inFlight, PutRow row) throws IOException {
        int keys = options.indexedKeys();
        try (StoreUnderTest store =
                new StoreUnderTest(directory.resolve("indexed"), keys, formats -> contents(formats, keys))) {
            store.fill();
            for (int indexes : new int[] {0, 1, 3}) {
                declare(store, indexes);
                PutLoad.Result result = new PutLoad(store, keys, inFlight).run(options.warmUp(), options.seconds());
                row.print("store, JSON, indexes: %d".formatted(indexes), keys, inFlight, result);
                store.awaitApplied();
            }
            queries(store);
        }
    }

    /** Prints a row of puts. */
    interface PutRow {
        void print(String what, int keys, int inFlight, PutLoad.Result result);
    }

    private static Supplier<Content> contents(ContentFormats formats, int keys) {
        SplittableRandom random = new SplittableRandom(keys);
        byte[][] bodies = new byte[BODIES][];
        for (int i = 0; i < BODIES; i++) {
            String start = "{\"group\":%d,\"temperature\":%d,\"device\":\"d%06d\",\"note\":\""
                    .formatted(random.nextInt(keys / FOUND), random.nextInt(1_000), random.nextInt(1_000_000));
            bodies[i] = (start + "n".repeat(StoreUnderTest.BODY - 2 - start.length()) + "\"}")
                    .getBytes(StandardCharsets.UTF_8);
        }
        return () -> formats.trusted(MediaType.JSON, bodies[random.nextInt(BODIES)]);
    }

    private static void declare(StoreUnderTest store, int indexes) {
        Set<AttributePath> attributes =
                ATTRIBUTES.stream().limit(indexes).map(AttributePath::parse).collect(Collectors.toSet());
        store.store().declareIndexes(StoreUnderTest.TABLE, attributes);
        while (store.store().indexes().size() != indexes
                || !store.store().indexes().stream().allMatch(IndexStatus::isReady)) {
            LockSupport.parkNanos(20_000_000);
        }
    }

    private void queries(StoreUnderTest store) {
        int groups = store.keys() / FOUND;
        QueryEngine engine = new QueryEngine(store.formats(), QueryLimits.DEFAULTS);
        SplittableRandom random = new SplittableRandom(1);
        query(store, engine, random, groups, options.warmUp());
        long start = System.nanoTime();
        Found found = query(store, engine, random, groups, options.seconds());
        double seconds = (System.nanoTime() - start) / 1e9;
        Histogram micros = found.micros();
        table.printf("%n| queries | threads | per second | rows per second | p50 ms | p99 ms"
                + " |%n|---|---|---|---|---|---|%n");
        table.printf(
                "| about %d of %,d by an index | 1 | %,.0f | %,.0f | %.2f | %.2f |%n",
                FOUND,
                store.keys(),
                micros.getTotalCount() / seconds,
                found.rows() / seconds,
                micros.getValueAtPercentile(50) / 1e3,
                micros.getValueAtPercentile(99) / 1e3);
    }

    /** What queries took, and how many records they gave. */
    private record Found(Histogram micros, long rows) {}

    private static Found query(
            StoreUnderTest store, QueryEngine engine, SplittableRandom random, int groups, int seconds) {
        Histogram micros = new Histogram(3);
        long all = 0;
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        for (long now = System.nanoTime(); now < end; ) {
            ParsedQuery query = QueryParser.parse("group=" + random.nextInt(groups));
            QueryExecution run = engine.start(
                    StoreUnderTest.TABLE, query, store.store().table(StoreUnderTest.TABLE), null, path -> true);
            int rows = 0;
            RowSlice slice;
            do {
                slice = run.next(FOUND);
                rows += slice.rows().size();
            } while (!slice.isLast());
            if (rows == 0) {
                throw new IllegalStateException("no record of the group was found");
            }
            all += rows;
            long then = System.nanoTime();
            micros.recordValue((then - now) / 1_000);
            now = then;
        }
        return new Found(micros, all);
    }
}
