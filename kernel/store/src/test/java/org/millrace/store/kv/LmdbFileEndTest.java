package org.millrace.store.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that end before the last page that LMDB has taken. It never writes a page that one transaction takes and gives back,
 * which these tests stand in for by cutting off pages that are free.
 */
class LmdbFileEndTest {
    private static final int PAGE = 4096;
    private static final int KEYS = 500;

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void manyPagesThatWereGivenBack() {
        file = directory.resolve("data.mdb");
        try (Kv kv = LmdbKv.open(directory, 64 << 20)) {
            kv.write(tx -> put(tx, "kept", "1"));
            for (int round = 0; round < 3; round++) {
                kv.write(tx -> {
                    for (int i = 0; i < KEYS; i++) {
                        put(tx, "k" + i, "v".repeat(1_000));
                    }
                });
                kv.write(tx -> {
                    for (int i = 0; i < KEYS; i++) {
                        tx.delete(Tree.RECORDS, key("k" + i));
                    }
                });
            }
            kv.write(tx -> put(tx, "kept", "2"));
        }
    }

    private static byte[] key(String key) {
        return key.getBytes(StandardCharsets.UTF_8);
    }

    private static void put(KvTransaction tx, String key, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        tx.put(Tree.RECORDS, key(key), bytes.length).put(bytes);
    }

    private static @Nullable String first(Kv kv, String key) {
        return kv.get(Tree.RECORDS, key(key), "", (nothing, value) -> String.valueOf((char) value.get()));
    }

    private void cutOff(int pages) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate((Files.size(file) / PAGE - pages) * PAGE);
        }
    }

    @Test
    void freePagesMayBeMissing() throws Exception {
        cutOff(3);

        try (Kv kv = LmdbKv.open(directory, 64 << 20)) {
            assertThat(first(kv, "kept")).isEqualTo("2");
            kv.write(tx -> {
                for (int i = 0; i < KEYS; i++) {
                    put(tx, "k" + i, "w".repeat(1_000));
                }
            });
            assertThat(first(kv, "k499")).isEqualTo("w");
        }
    }

    @Test
    void pagesInUseMayNot() throws Exception {
        cutOff((int) (Files.size(file) / PAGE) - 3);

        assertThatThrownBy(() -> LmdbKv.open(directory, 64 << 20))
                .hasMessageContaining("is cut off: it has 12288 bytes");
    }
}
