package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.content.AttributePath;
import org.millrace.query.ParsedQuery;
import org.millrace.query.QueryEngine;
import org.millrace.query.QueryExecution;
import org.millrace.query.QueryLimits;
import org.millrace.query.QueryParser;
import org.millrace.query.RowSlice;
import org.millrace.query.TableAccess;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Row;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** Queries give by indexes what they give by scanning, whatever the data and whatever happens meanwhile. */
class IndexedQueryTest {
    /** So few records that walks become scans. */
    private static final QueryEngine ENGINE = new QueryEngine(
            TestNode.FORMATS, new QueryLimits(100_000, 1 << 20, 100_000, 10, 1_000, 1_000, 1_000, 1 << 20));

    private static final List<String> NAMES = List.of("a", "b", "c.d", "e");
    private static final List<String> SORTED = List.of("a", "b", "c.d", "e", "$id");
    private static final String LONG = "\u20ac".repeat(80);
    private static final List<String> VALUES = List.of(
            "1",
            "2",
            "2.5",
            "-3",
            "1e0",
            "9007199254740993",
            "9007199254740992",
            "1e400",
            "0.1",
            "true",
            "false",
            "null",
            "\"1\"",
            "\"true\"",
            "\"\"",
            "\"x\"",
            "\"xy\"",
            "\"xyz\"",
            "\"\\u0000\"",
            "\"\u00fc\"",
            "\"" + LONG + "p\"",
            "\"" + LONG + "q\"",
            "[1,2]",
            "{\"z\":1}",
            "\"null\"");
    private static final List<String> LITERALS = List.of(
            "1",
            "2",
            "2.5",
            "-3",
            "9007199254740993",
            "1e400",
            "true",
            "null",
            "x",
            "xy",
            "string:1",
            "number:2",
            "boolean:false",
            LONG + "p",
            "",
            "0.1");

    @TempDir
    private Path directory;

    private final SettableClock clock = new SettableClock();
    private Random random = new Random();
    private TestNode node;

    private TestNode open(Clock by) {
        return TestNode.open(
                StoreOptions.at(directory)
                        .withMapBytes(1 << 20)
                        .withOverlay(60 + random.nextInt(400), 1 << 20)
                        .withIntervals(
                                Duration.ofMillis(1 + random.nextInt(50)), Duration.ofMillis(5), Duration.ofMillis(5)),
                by);
    }

    private static List<String> run(String query, TableAccess access, int slice) {
        ParsedQuery parsed = QueryParser.parse(query);
        QueryExecution execution =
                ENGINE.start("t", parsed, access, null, path -> !path.id().endsWith("7"));
        List<String> rows = new ArrayList<>();
        while (true) {
            RowSlice next = execution.next(slice);
            for (Row row : next.rows()) {
                rows.add(row.path() + " " + TestNode.text(row.content()));
            }
            if (next.isLast()) {
                return rows;
            }
        }
    }

    /** As {@link #run}, asking again as a query is told to whose index is dropped meanwhile: that happens beside it. */
    private List<String> runWhileIndexesGo(String query, int slice) {
        while (true) {
            try {
                return run(query, node.store.table("t"), slice);
            } catch (ResourceException e) {
                if (e.code() != ErrorCode.UNAVAILABLE) {
                    throw e;
                }
            }
        }
    }

    private String any(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }

    private void declare() {
        Set<AttributePath> some = NAMES.stream()
                .filter(_ -> random.nextInt(4) > 0)
                .map(AttributePath::parse)
                .collect(Collectors.toSet());
        node.store.declareIndexes("t", some);
    }

    private Write write() {
        int number = random.nextInt(150);
        // Long ones differ at the beginning: the order of those that do not is another by index.
        String id = number < 10 ? number + "l".repeat(350 + 30 * number) : "" + number;
        var path = TestNode.path(random.nextInt(30) == 0 ? "t" : random.nextInt(8) == 0 ? "u/" + id : "t/" + id);
        if (random.nextInt(6) == 0) {
            return new Write.Delete(path, WriteOptions.DEFAULT);
        }
        List<String> members = new ArrayList<>();
        for (String name : NAMES) {
            if (random.nextInt(4) > 0) {
                String value = any(VALUES);
                members.add(name.equals("c.d") ? "\"c\":{\"d\":" + value + "}" : "\"" + name + "\":" + value);
            }
        }
        WriteOptions options = random.nextInt(8) > 0
                ? WriteOptions.DEFAULT
                : WriteOptions.DEFAULT.withExpiresAt(clock.instant().plusMillis(1 + random.nextInt(30)));
        return new Write.Put(path, TestNode.json("{" + String.join(",", members) + "}"), options);
    }

    private String condition(int depth) {
        if (depth > 0 && random.nextInt(4) == 0) {
            String joint = random.nextBoolean() ? "&" : "|";
            return "(" + condition(depth - 1) + joint + condition(depth - 1) + ")";
        }
        String name = any(NAMES);
        return switch (random.nextInt(9)) {
            case 8 ->
                random.nextBoolean()
                        ? "$id==" + any(List.of("1", "2l", "14", "x", "3" + "l".repeat(500))) + "*"
                        : "$id" + any(List.of("=", "==", "===", "!=", "=lt=")) + random.nextInt(150);
            case 0 -> name + "==" + any(List.of("x", "", LONG.substring(0, 30 + random.nextInt(51)))) + "*";
            case 1 -> name + "=gt=" + any(LITERALS) + "&" + name + "=le=" + any(LITERALS);
            default ->
                name + any(List.of("=", "==", "===", "!=", "=lt=", "=le=", "=gt=", "=ge=", "=ct=")) + any(LITERALS);
        };
    }

    private String query() {
        List<String> parts = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            parts.add(condition(2));
        }
        if (random.nextInt(2) == 0) {
            List<String> keys = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                keys.add(any(List.of("", "-")) + any(SORTED));
            }
            parts.add("sort(" + String.join(",", keys) + ")");
        }
        if (random.nextInt(2) == 0) {
            parts.add(
                    random.nextBoolean()
                            ? "limit(" + random.nextInt(20) + ")"
                            : "limit(3," + (3 + random.nextInt(9)) + ")");
        }
        if (random.nextInt(6) == 0) {
            parts.add(any(List.of("count()", "min(" + any(NAMES) + ")", "max(" + any(NAMES) + ")")));
            parts.removeIf(part -> part.startsWith("sort"));
        }
        return String.join("&", parts);
    }

    @RepeatedTest(4)
    void everyQueryGivesWhatAScanGives() {
        long seed = System.nanoTime();
        random = new Random(seed);
        node = open(clock);
        int byIndex = 0;
        try {
            declare();
            for (int step = 0; step < 600; step++) {
                switch (random.nextInt(40)) {
                    case 0 -> node.store.flush();
                    case 1 -> clock.advance(Duration.ofMillis(random.nextInt(20)));
                    case 2 -> declare();
                    case 3, 4 -> {
                        if (random.nextBoolean()) {
                            node.close();
                        } else {
                            node.crash();
                        }
                        node = open(clock);
                    }
                    case 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18 -> {
                        String query = query();
                        byIndex += runWhileIndexesGo(query + (query.isEmpty() ? "" : "&") + "explain()", 1)
                                        .getFirst()
                                        .contains("\"access\":\"index")
                                ? 1
                                : 0;
                        List<String> scanned =
                                run(query, TableAccess.of(node.store.table("t").scan()), 50);
                        List<String> indexed = runWhileIndexesGo(query, 1 + random.nextInt(40));
                        assertThat(indexed)
                                .as("seed %d, step %d: %s", seed, step, query)
                                .isEqualTo(scanned);
                    }
                    default -> node.write(write());
                }
            }
            node.store.flush();
            assertThat(node.store.verifyIndexes(_ -> {}))
                    .as("seed " + seed)
                    .allSatisfy(report -> assertThat(report.problems()).isEmpty());
            assertThat(byIndex).as("seed " + seed).isPositive();
        } finally {
            node.close();
        }
    }

    @Test
    void recordsThatStandStillAreGivenOnceWhileOthersChange() throws InterruptedException {
        node = open(Clock.systemUTC());
        AtomicBoolean done = new AtomicBoolean();
        Thread writer = null;
        try {
            for (int i = 0; i < 300; i++) {
                node.write(TestNode.put("t/still" + i, "{\"a\":" + i % 10 + ",\"b\":" + i + "}"));
            }
            node.store.declareIndexes("t", Set.of(AttributePath.parse("a"), AttributePath.parse("b")));
            Random other = new Random(42);
            writer = Thread.ofPlatform().start(() -> {
                while (!done.get()) {
                    TestNode.await(node.submit(
                            Durability.OS,
                            TestNode.put(
                                    "t/moves" + other.nextInt(300),
                                    "{\"a\":" + other.nextInt(10) + ",\"b\":" + other.nextInt(300) + "}")));
                }
            });
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> node.store.indexes().size() == 2
                            && node.store.indexes().stream().allMatch(IndexStatus::isReady));
            long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
            while (System.nanoTime() < end) {
                List<String> equal = run("a=3&select($id)", node.store.table("t"), 7);
                assertThat(equal)
                        .doesNotHaveDuplicates()
                        .filteredOn(row -> row.contains("still"))
                        .hasSize(30);
                List<String> range = run("b=ge=100&b=lt=200", node.store.table("t"), 7);
                assertThat(range)
                        .filteredOn(row -> row.contains("still"))
                        .hasSize(90)
                        .doesNotHaveDuplicates();
                List<String> sorted = run("sort(-b)&limit(600)&select($id)", node.store.table("t"), 7);
                assertThat(sorted).filteredOn(row -> row.contains("still")).hasSize(270);
                assertThat(sorted).doesNotHaveDuplicates();
                assertThat(run("a=3", node.store.table("t"), 7)).allMatch(row -> row.contains("\"a\":3"));
            }
        } finally {
            done.set(true);
            if (writer != null) {
                writer.join();
            }
            node.close();
        }
        assertThat(done).isTrue();
    }
}
