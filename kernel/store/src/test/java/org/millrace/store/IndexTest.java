package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.millrace.store.TestNode.put;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.content.AttributePath;
import org.millrace.content.Value;
import org.millrace.query.IndexRead;
import org.millrace.query.OrderedSource;
import org.millrace.query.RecordSource;
import org.millrace.query.ValueRange;
import org.millrace.spi.resource.Entry;
import org.millrace.spi.resource.WriteOptions;

class IndexTest {
    private static final AttributePath TEMP = AttributePath.parse("temp");
    private static final AttributePath SITE = AttributePath.parse("site");

    @TempDir
    private Path directory;

    private final SettableClock clock = new SettableClock();
    private TestNode node;

    @BeforeEach
    void open() {
        node = TestNode.open(StoreOptions.at(directory), clock);
    }

    @AfterEach
    void close() {
        node.close();
    }

    private void declare(AttributePath... attributes) {
        node.store.declareIndexes("t", Set.of(attributes));
        await().atMost(Duration.ofSeconds(20))
                .until(() -> node.store.indexes().size() == attributes.length
                        && node.store.indexes().stream().allMatch(IndexStatus::isReady));
    }

    private static IndexRead.Range point(AttributePath attribute, Value value) {
        return new IndexRead.Range(attribute, new ValueRange.Point(value));
    }

    private static IndexRead.Range from(int least) {
        return new IndexRead.Range(TEMP, new ValueRange.Between(new Value.Whole(least), true, null, false));
    }

    private List<String> ids(IndexRead read) {
        RecordSource source = node.store.table("t").byId(read);
        List<String> ids = new ArrayList<>();
        org.millrace.spi.resource.Path after = null;
        while (true) {
            List<Entry> slice = source.read(after, 2);
            if (slice.isEmpty()) {
                return ids;
            }
            slice.forEach(entry -> ids.add(entry.path().id()));
            after = slice.getLast().path();
        }
    }

    private List<String> inOrder(IndexRead.Range range, boolean descending) {
        OrderedSource source = node.store.table("t").inOrder(range, descending);
        List<String> ids = new ArrayList<>();
        for (var slice = source.read(2); !slice.isEmpty(); slice = source.read(2)) {
            slice.forEach(found -> ids.add(found.entry().path().id()));
        }
        return ids;
    }

    private void assertSound() {
        node.store.flush();
        assertThat(node.store.verifyIndexes(_ -> {}))
                .allSatisfy(report -> assertThat(report.problems()).isEmpty());
    }

    private void fiveRooms() {
        node.write(
                put("t/a", "{\"temp\":20,\"site\":\"hall\"}"),
                put("t/b", "{\"temp\":30,\"site\":\"yard\"}"),
                put("t/c", "{\"temp\":25,\"site\":\"hall\"}"),
                put("t/d", "{\"temp\":30}"),
                put("t/e", "{\"temp\":\"warm\",\"site\":\"hall\"}"));
    }

    @Test
    void recordsThatWereThereBeforeTheIndexAreFound() {
        fiveRooms();
        node.store.flush();
        declare(TEMP);
        assertThat(ids(from(25))).containsExactly("b", "c", "d");
        assertSound();
    }

    @Test
    void recordsThatAreNotAppliedYetAreFound() {
        declare(TEMP, SITE);
        fiveRooms();
        assertThat(ids(point(SITE, new Value.Text("hall")))).containsExactly("a", "c", "e");
        assertThat(ids(from(25))).containsExactly("b", "c", "d");
    }

    @Test
    void anOverlaidRecordIsFoundByItsNewValueAlone() {
        fiveRooms();
        declare(TEMP, SITE);
        node.store.flush();
        node.write(put("t/a", "{\"temp\":99,\"site\":\"yard\"}"), TestNode.delete("t/c"));
        assertThat(ids(point(SITE, new Value.Text("hall")))).containsExactly("e");
        assertThat(ids(point(SITE, new Value.Text("yard")))).containsExactly("a", "b");
        assertThat(inOrder(from(0), true)).containsExactly("a", "b", "d");
        assertSound();
        assertThat(ids(point(SITE, new Value.Text("yard")))).containsExactly("a", "b");
    }

    @Test
    void rangesAndPointsAreIntersectedAndUnited() {
        declare(TEMP, SITE);
        fiveRooms();
        IndexRead hall = point(SITE, new Value.Text("hall"));
        assertThat(ids(new IndexRead.All(List.of(hall, from(25))))).containsExactly("c");
        assertThat(ids(new IndexRead.Any(List.of(hall, from(30))))).containsExactly("a", "b", "c", "d", "e");
    }

    @Test
    void recordsComeInTheOrderOfTheAttributeAndThenOfTheirIds() {
        declare(TEMP);
        fiveRooms();
        var all = new IndexRead.Range(TEMP, ValueRange.EVERYTHING);
        assertThat(inOrder(all, false)).containsExactly("a", "c", "b", "d", "e");
        assertThat(inOrder(all, true)).containsExactly("e", "b", "d", "c", "a");
        node.store.flush();
        assertThat(inOrder(all, false)).containsExactly("a", "c", "b", "d", "e");
        assertThat(inOrder(all, true)).containsExactly("e", "b", "d", "c", "a");
    }

    @Test
    void expiredRecordsLeaveTheIndex() {
        declare(TEMP);
        node.write(put(
                "t/x",
                "{\"temp\":50}",
                WriteOptions.DEFAULT.withExpiresAt(clock.instant().plusSeconds(5))));
        assertThat(ids(from(50))).containsExactly("x");
        clock.advance(Duration.ofSeconds(6));
        assertThat(ids(from(50))).isEmpty();
        node.store.flush();
        await().until(() -> {
            node.store.flush();
            return node.store.verifyIndexes(_ -> {}).getFirst().entries() == 0;
        });
    }

    @Test
    void anInterruptedBuildingGoesOn() {
        for (int i = 0; i < 200; i++) {
            org.millrace.spi.resource.Write[] batch = new org.millrace.spi.resource.Write[50];
            for (int j = 0; j < batch.length; j++) {
                int n = i * batch.length + j;
                batch[j] = put("t/" + n, "{\"temp\":" + n % 100 + "}");
            }
            node.write(batch);
        }
        node.store.flush();
        node.store.declareIndexes("t", Set.of(TEMP));
        await().until(() -> !node.store.indexes().isEmpty());
        node.crash();
        open();
        node.write(put("t/0", "{\"temp\":7}"));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> node.store.indexes().getFirst().isReady());
        assertThat(ids(point(TEMP, new Value.Whole(7)))).hasSize(101).contains("0");
        assertSound();
    }

    @Test
    void aDroppedIndexLeavesNothing() {
        declare(TEMP, SITE);
        fiveRooms();
        node.store.flush();
        RecordSource underWay = node.store.table("t").byId(from(25));
        assertThat(underWay.read(null, 1)).hasSize(1);
        node.store.declareIndexes("t", Set.of(SITE));
        await().until(() -> node.store.indexes().size() == 1);
        // From here on the table is scanned: whatever comes is for the query to look at.
        assertThat(underWay.read(TestNode.path("t/b"), 10))
                .extracting(entry -> entry.path().id())
                .containsExactly("c", "d", "e");
        assertThat(underWay.isExact()).isFalse();
        assertSound();
    }

    @Test
    void longIdsAndLongValuesAreFound() {
        declare(SITE);
        String longId = "i".repeat(600);
        String longValue = "v".repeat(1_000);
        node.write(
                put("t/" + longId + "1", "{\"site\":\"" + longValue + "1\"}"),
                put("t/" + longId + "2", "{\"site\":\"" + longValue + "2\"}"),
                put("t/k", "{\"site\":\"" + "v".repeat(10) + "\"}"));
        IndexRead.Range all = new IndexRead.Range(SITE, new ValueRange.StartsWith("vvv"));
        for (int i = 0; i < 2; i++) {
            assertThat(ids(all)).containsExactlyInAnyOrder(longId + "1", longId + "2", "k");
            // Rough: found together, to be told apart by whoever asks.
            assertThat(ids(point(SITE, new Value.Text(longValue + "1")))).hasSize(2);
            node.store.flush();
        }
        assertSound();
    }

    @Test
    void theVerifierFindsWhatIsWrong() {
        declare(TEMP);
        fiveRooms();
        assertSound();
        node.close();
        try (var kv = org.millrace.store.kv.LmdbKv.open(directory.resolve("records"), 1 << 30)) {
            kv.write(tx -> tx.delete(org.millrace.store.kv.Tree.RECORDS, RecordKey.of(TestNode.path("t/a"))));
            var report = new IndexVerifier(kv, TestNode.FORMATS).verify(_ -> {}).getFirst();
            assertThat(report.isSound()).isFalse();
            assertThat(report.problems())
                    .containsExactly("index 'temp' of table 't': an entry leads to record 't/a', which is not there");
        }
        open();
    }
}
