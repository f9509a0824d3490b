package org.millrace.store.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LmdbKvTest {
    private static final ValueReader<Object, String> AS_TEXT = (nothing, value) -> {
        byte[] bytes = new byte[value.remaining()];
        value.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    };

    @TempDir
    Path directory;

    @Test
    void whatWasWrittenIsThereAfterReopening() {
        try (Kv kv = LmdbKv.open(directory, 1 << 20)) {
            kv.write(tx -> put(tx, "a", "1"));
        }
        try (Kv kv = LmdbKv.open(directory, 1 << 20)) {
            assertThat(text(kv, "a")).isEqualTo("1");
            assertThat(text(kv, "b")).isNull();
        }
    }

    @Test
    void aMapOfWhichAPartWasMadeIsMadeAnew() throws Exception {
        Files.write(directory.resolve("data.mdb.new"), new byte[5_000]);
        Files.write(directory.resolve("data.mdb.new-lock"), new byte[10]);

        try (Kv kv = LmdbKv.open(directory, 1 << 20)) {
            kv.write(tx -> put(tx, "a", "1"));
            assertThat(text(kv, "a")).isEqualTo("1");
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("data.mdb", "lock.mdb");
        }
    }

    @Test
    void aTransactionThatThrowsLeavesNothing() {
        try (Kv kv = LmdbKv.open(directory, 1 << 20)) {
            assertThatThrownBy(() -> kv.write(tx -> {
                        put(tx, "a", "1");
                        throw new IllegalStateException("given up");
                    }))
                    .hasMessage("given up");
            assertThat(text(kv, "a")).isNull();
            kv.write(tx -> put(tx, "b", "2"));
            assertThat(text(kv, "b")).isEqualTo("2");
        }
    }

    @Test
    void aTransactionSeesWhatItWrote() {
        try (Kv kv = LmdbKv.open(directory, 1 << 20)) {
            kv.write(tx -> {
                put(tx, "a", "1");
                assertThat(tx.get(Tree.RECORDS, bytes("a"))).isEqualTo(ByteBuffer.wrap(bytes("1")));
                assertThat(tx.entries(Tree.RECORDS)).isEqualTo(1);
                assertThat(tx.delete(Tree.RECORDS, bytes("a"))).isTrue();
                assertThat(tx.delete(Tree.RECORDS, bytes("a"))).isFalse();
                assertThat(tx.entries(Tree.RECORDS)).isZero();
            });
        }
    }

    @Test
    void aCursorStartsAtOrBehindAKey() {
        try (Kv kv = LmdbKv.open(directory, 1 << 20)) {
            kv.write(tx -> {
                for (String key : List.of("b", "d", "a", "c")) {
                    put(tx, key, key);
                }
            });
            assertThat(keysFrom(kv, "", true)).containsExactly("a", "b", "c", "d");
            assertThat(keysFrom(kv, "b", true)).containsExactly("b", "c", "d");
            assertThat(keysFrom(kv, "b", false)).containsExactly("c", "d");
            assertThat(keysFrom(kv, "bb", false)).containsExactly("c", "d");
            assertThat(keysFrom(kv, "e", true)).isEmpty();
        }
    }

    @Test
    void theMapGrowsWhileReadersRead() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        try (Kv kv = LmdbKv.open(directory, 1 << 20);
                ExecutorService readers = Executors.newFixedThreadPool(2)) {
            kv.write(tx -> put(tx, "k000", "first"));
            List<Future<Long>> reads = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                reads.add(readers.submit(() -> {
                    long count = 0;
                    do {
                        assertThat(text(kv, "k000")).isEqualTo("first");
                        assertThat(keysFrom(kv, "", true).getFirst()).isEqualTo("k000");
                        count++;
                    } while (!done.get());
                    return count;
                }));
            }
            for (int i = 1; i < 100; i++) {
                String key = "k%03d".formatted(i);
                kv.write(tx -> tx.put(Tree.RECORDS, bytes(key), 100_000).put(new byte[100_000]));
            }
            done.set(true);
            for (Future<Long> read : reads) {
                assertThat(read.get()).isPositive();
            }
            assertThat(kv.usage().mapBytes()).isGreaterThanOrEqualTo(16 << 20);
            assertThat(keysFrom(kv, "", true)).hasSize(100);
        }
    }

    @Test
    void oneTransactionLargerThanTheMapMakesItGrow() {
        try (Kv kv = LmdbKv.open(directory, 1 << 20)) {
            kv.write(tx -> {
                tx.put(Tree.RECORDS, bytes("large"), 5_000_000).put(new byte[5_000_000]);
                put(tx, "small", "x");
            });
            assertThat(text(kv, "large")).hasSize(5_000_000);
            assertThat(text(kv, "small")).isEqualTo("x");
        }
    }

    @Test
    void aGrownMapOpensWithTheSizeItBeganWith() {
        try (Kv kv = LmdbKv.open(directory, 1 << 20)) {
            kv.write(tx -> tx.put(Tree.RECORDS, bytes("large"), 5_000_000).put(new byte[5_000_000]));
        }
        try (Kv kv = LmdbKv.open(directory, 1 << 20)) {
            assertThat(text(kv, "large")).hasSize(5_000_000);
            kv.write(tx -> put(tx, "small", "x"));
            assertThat(text(kv, "small")).isEqualTo("x");
        }
    }

    @Test
    void manyMoreThreadsThanReadersGetTheirTurn() throws Exception {
        try (Kv kv = LmdbKv.open(directory, 1 << 20);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            kv.write(tx -> put(tx, "a", "1"));
            List<Future<String>> reads = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                reads.add(threads.submit(() -> text(kv, "a")));
            }
            for (Future<String> read : reads) {
                assertThat(read.get()).isEqualTo("1");
            }
        }
    }

    @Test
    void everyReadSeesWhatWasCommittedBeforeIt() throws Exception {
        try (Kv kv = LmdbKv.open(directory, 1 << 20);
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 50; i++) {
                String value = String.valueOf(i);
                kv.write(tx -> put(tx, "a", value));
                List<Future<String>> reads = new ArrayList<>();
                for (int t = 0; t < 8; t++) {
                    reads.add(threads.submit(() -> text(kv, "a")));
                }
                assertThat(text(kv, "a")).isEqualTo(value);
                for (Future<String> read : reads) {
                    assertThat(read.get()).isEqualTo(value);
                }
            }
        }
    }

    @Test
    void whatHasBeenReadDoesNotKeepPagesFromBeingUsedAgain() throws Exception {
        try (Kv kv = LmdbKv.open(directory, 64 << 20);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long settled = 0;
            for (int i = 0; i < 200; i++) {
                String value = "v%06d".formatted(i).repeat(10_000);
                kv.write(tx -> put(tx, "a", value));
                List<Future<String>> reads = new ArrayList<>();
                for (int t = 0; t < 100; t++) {
                    reads.add(threads.submit(() -> text(kv, "a")));
                }
                for (Future<String> read : reads) {
                    assertThat(read.get()).isEqualTo(value);
                }
                if (i == 10) {
                    settled = kv.usage().usedBytes();
                }
            }
            assertThat(kv.usage().usedBytes()).isEqualTo(settled);
        }
    }

    @Test
    void aClosedMapRefusesInsteadOfCrashing() {
        Kv kv = LmdbKv.open(directory, 1 << 20);
        kv.close();
        kv.close();
        assertThatThrownBy(() -> text(kv, "a"))
                .isInstanceOfSatisfying(
                        KvException.class, e -> assertThat(e.kind()).isEqualTo(KvException.Kind.CLOSED));
        assertThatThrownBy(() -> kv.write(tx -> put(tx, "a", "1")))
                .isInstanceOfSatisfying(
                        KvException.class, e -> assertThat(e.kind()).isEqualTo(KvException.Kind.CLOSED));
        assertThatThrownBy(kv::usage).isInstanceOf(KvException.class);
    }

    private static String text(Kv kv, String key) {
        return kv.get(Tree.RECORDS, bytes(key), kv, AS_TEXT);
    }

    private static List<String> keysFrom(Kv kv, String from, boolean inclusive) {
        return kv.read(snapshot -> {
            List<String> keys = new ArrayList<>();
            KvCursor cursor = snapshot.cursor(Tree.RECORDS, bytes(from), inclusive);
            while (cursor.next()) {
                keys.add(new String(cursor.key(), StandardCharsets.UTF_8));
            }
            return keys;
        });
    }

    private static void put(KvTransaction tx, String key, String value) {
        byte[] bytes = bytes(value);
        tx.put(Tree.RECORDS, bytes(key), bytes.length).put(bytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
