package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.store.TestNode.path;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.resource.Durability;
import org.millrace.spi.resource.Write;
import org.millrace.spi.resource.WriteOptions;

/** Random writes, reads, scans, applications, expiries, crashes and restarts, against a map in memory. */
class StoreModelTest {
    private static final List<String> TABLES = List.of("a", "b", "b-", "$sys", "", "é");
    private static final String LONG = "x".repeat(RecordKey.PREFIX);

    @TempDir
    Path directory;

    private final TreeMap<org.millrace.spi.resource.Path, Expected> model = new TreeMap<>();
    private final SettableClock clock = new SettableClock();
    private RandomGenerator random;
    private TestNode node;

    private record Expected(String text, long expiryMillis) {}

    @RepeatedTest(3)
    void theStoreDoesWhatAMapWouldDo() {
        long seed = System.nanoTime();
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        node = open();
        try {
            for (int step = 0; step < 1_500; step++) {
                step("seed " + seed + ", step " + step);
            }
        } finally {
            node.close();
        }
    }

    private void step(String where) {
        switch (random.nextInt(20)) {
            case 0 -> node.store.flush();
            case 1 -> clock.advance(Duration.ofMillis(random.nextInt(20)));
            case 2 -> assertScan(where, anyRange());
            case 3 -> {
                if (random.nextInt(8) == 0) {
                    restart();
                }
            }
            case 4, 5, 6 -> assertGet(where, anyPath());
            default -> write();
        }
    }

    private void restart() {
        if (random.nextBoolean()) {
            node.close();
        } else {
            node.crash();
        }
        node = open();
    }

    private TestNode open() {
        // Small enough that everything is met: early freezes, growth of the map, many generations.
        return TestNode.open(
                StoreOptions.at(directory)
                        .withMapBytes(1 << 20)
                        .withOverlay(60 + random.nextInt(200), 1 << 20)
                        .withIntervals(
                                Duration.ofMillis(1 + random.nextInt(50)),
                                Duration.ofMillis(1 + random.nextInt(20)),
                                Duration.ofMillis(1 + random.nextInt(20))),
                clock);
    }

    private void write() {
        List<Write> writes = new ArrayList<>();
        for (int i = random.nextInt(5) == 0 ? 1 + random.nextInt(6) : 1; i > 0; i--) {
            var path = anyPath();
            switch (random.nextInt(8)) {
                case 0 -> {
                    writes.add(new Write.Delete(path, WriteOptions.DEFAULT));
                    model.remove(path);
                }
                case 1 -> writes.add(new Write.Publish(path, TestNode.json("1"), WriteOptions.DEFAULT));
                default -> {
                    String text = "\"" + random.nextInt() + "y".repeat(random.nextInt(300)) + "\"";
                    WriteOptions options = WriteOptions.DEFAULT;
                    long expiry = Expiry.NEVER;
                    if (random.nextInt(4) == 0) {
                        expiry = clock.millis() + 1 + random.nextInt(30);
                        options = options.withExpiresAt(Expiry.instant(expiry));
                    }
                    writes.add(new Write.Put(path, TestNode.json(text), options));
                    model.put(path, new Expected(text, expiry));
                }
            }
        }
        TestNode.await(
                node.submit(random.nextBoolean() ? Durability.FSYNC : Durability.OS, writes.toArray(Write[]::new)));
    }

    private void assertGet(String where, org.millrace.spi.resource.Path path) {
        Expected expected = model.get(path);
        String text = expected == null || expected.expiryMillis() <= clock.millis() ? null : expected.text();
        StoredEntry stored = node.store.get(path);
        assertThat(stored == null ? null : TestNode.text(stored.entry().content()))
                .as("%s, %s", where, path)
                .isEqualTo(text);
    }

    private void assertScan(String where, ScanRange range) {
        Map<String, String> expected = model.entrySet().stream()
                .filter(entry -> entry.getValue().expiryMillis() > clock.millis())
                .filter(entry -> isIn(range, entry.getKey()))
                .collect(Collectors.toMap(
                        entry -> entry.getKey().toString(),
                        entry -> entry.getValue().text()));
        List<StoredEntry> scanned = node.scan(range, 1 + random.nextInt(30));
        assertThat(scanned.stream()
                        .collect(Collectors.toMap(
                                stored -> stored.entry().path().toString(),
                                stored -> TestNode.text(stored.entry().content()))))
                .as("%s, %s", where, range)
                .isEqualTo(expected);
        assertThat(scanned)
                .as("%s, %s", where, range)
                .extracting(stored -> RecordKey.of(stored.entry().path()))
                .isSortedAccordingTo(java.util.Arrays::compareUnsigned);
    }

    private static boolean isIn(ScanRange range, org.millrace.spi.resource.Path path) {
        return switch (range) {
            case ScanRange.NonSystem() -> !path.isSystem();
            case ScanRange.Table(String name) -> path.table().equals(name);
            case ScanRange.Prefix(String text) -> path.toString().startsWith(text);
        };
    }

    private ScanRange anyRange() {
        String table = TABLES.get(random.nextInt(TABLES.size()));
        return switch (random.nextInt(4)) {
            case 0 -> ScanRange.NON_SYSTEM;
            case 1 -> ScanRange.table(table);
            case 2 -> ScanRange.prefix(random.nextBoolean() ? "" : table + "/1");
            default -> ScanRange.prefix(table + "/" + LONG);
        };
    }

    private org.millrace.spi.resource.Path anyPath() {
        String table = TABLES.get(random.nextInt(TABLES.size()));
        return switch (random.nextInt(12)) {
            case 0 -> path(table.isEmpty() ? "/" : table);
            case 1 -> path(table + "/" + LONG + random.nextInt(10));
            default -> path(table + "/" + random.nextInt(60));
        };
    }
}
