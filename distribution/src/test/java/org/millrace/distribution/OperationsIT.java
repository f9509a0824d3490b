package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that work on a data directory, as an operator types them. */
class OperationsIT {
    @TempDir
    Path folder;

    private Command millrace(String... arguments) {
        return Command.run(folder, arguments);
    }

    @Test
    void aRunningHostIsBackedUpRestoredVerifiedAndCompacted() {
        Path data = folder.resolve("data");
        Path backup = folder.resolve("backup");
        Path restored = folder.resolve("restored");
        try (MillraceProcess host = MillraceProcess.start(data)) {
            awaitHold(host);
            Http.put(host, "/sensors/a", Http.JSON, "{\"temp\":1}");
            Command done = millrace("backup", backup.toString(), "--data", data.toString());
            assertThat(done.exitCode()).as(done.error()).isZero();
            assertThat(done.output()).contains("is complete", "changes 1 to 2\n");
            Http.put(host, "/sensors/a", Http.JSON, "{\"temp\":2}");

            Command refused = millrace("verify", "--data", data.toString());
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.error()).contains("a host is running on", "verify a backup");
            refused = millrace("compact", "--data", data.toString());
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.error()).contains("a host is running on", "Stop it");
            refused = millrace("restore", backup.toString(), "--data", data.toString());
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.error()).contains("is not empty");
        }
        Command sound = millrace("verify", backup.toString());
        assertThat(sound.exitCode()).as(sound.output()).isZero();

        assertThat(millrace("restore", backup.toString(), "--data", restored.toString())
                        .exitCode())
                .isZero();
        assertThat(millrace("compact", "--data", restored.toString()).exitCode())
                .isZero();
        assertThat(millrace("verify", "--data", restored.toString()).exitCode()).isZero();
        try (MillraceProcess host = MillraceProcess.start(restored)) {
            assertThat(Http.text(Http.get(host, "/sensors/a"))).isEqualTo("{\"temp\":1}");
        }
    }

    /** Waits for the one change of a new host: the place from which the journal is kept for MQTT's sessions. */
    private static void awaitHold(MillraceProcess host) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> Http.text(Http.get(host, "/$sys/journal")).contains("\"publishedSeq\":1,"));
    }

    @Test
    void anIdleHostWritesNothingHoweverOftenItIsStarted() {
        Path data = folder.resolve("data");
        for (int start = 0; start < 3; start++) {
            try (MillraceProcess host = MillraceProcess.start(data)) {
                awaitHold(host);
                assertThat(Http.text(Http.get(host, "/$sys/journal")))
                        .contains("\"ringChanges\":" + (start == 0 ? 1 : 0), "\"ringCapacity\":");
            }
            assertThat(millrace("verify", "--data", data.toString()).output()).contains("changes 1 to 1 in");
        }
    }

    @Test
    void recordsAreExportedAndImported() throws IOException {
        Path file = folder.resolve("records.ndjson");
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("one"))) {
            Http.put(host, "/t/a", Http.JSON, "{\"n\":1}");
            Http.put(host, "/t/b", "image/png", new byte[] {1, 2, 3});
            assertThat(millrace(
                                    "export",
                                    "--output",
                                    file.toString(),
                                    "--data",
                                    folder.resolve("one").toString())
                            .exitCode())
                    .isZero();
        }
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("two"))) {
            Command done = millrace(
                    "import", file.toString(), "--data", folder.resolve("two").toString());
            assertThat(done.output()).contains("2 records imported");
            assertThat(Http.text(Http.get(host, "/t/a"))).isEqualTo("{\"n\":1}");
            assertThat(Http.get(host, "/t/b").body()).containsExactly(1, 2, 3);

            Files.writeString(file, "{\"path\":\"t/c\",\"content\":1}\n{\"path\":\n");
            Command stopped = millrace(
                    "import", file.toString(), "--data", folder.resolve("two").toString());
            assertThat(stopped.exitCode()).isEqualTo(1);
            assertThat(stopped.error()).contains("line 2: ", "--from-line 2");
            assertThat(Http.text(Http.get(host, "/t/c"))).isEqualTo("1");
        }
    }

    @Test
    void aFlippedBitOfTheJournalIsReportedWithItsPlaceByTheHostAndByVerify() throws IOException {
        Path data = folder.resolve("data");
        try (MillraceProcess host = MillraceProcess.start(data)) {
            for (int i = 0; i < 20; i++) {
                Http.put(host, "/t/" + i, Http.JSON, "\"" + "x".repeat(500) + "\"");
            }
            host.kill();
        }
        Path journal = data.resolve("journal/00000000000000000001.journal");
        try (RandomAccessFile file = new RandomAccessFile(journal.toFile(), "rw")) {
            file.seek(6_000);
            int bits = file.read();
            file.seek(6_000);
            file.write(bits ^ 1);
        }

        MillraceProcess.Refusal refusal = MillraceProcess.startExpectingRefusal(data);
        assertThat(refusal.exitCode()).isEqualTo(1);
        assertThat(refusal.error()).contains(journal.toString(), "damaged at offset", "where change", "verify");

        Command verified = millrace("verify", "--data", data.toString());
        assertThat(verified.exitCode()).isEqualTo(3);
        assertThat(verified.output()).contains(journal.toString(), "damaged at offset", "where change");
        assertRepairKeepsWhatIsReadable(data, 6_000);
    }

    @Test
    void aTruncatedJournalIsReportedWithItsPlaceAndRepaired() throws IOException {
        Path data = folder.resolve("data");
        try (MillraceProcess host = MillraceProcess.start(data)) {
            for (int i = 0; i < 20; i++) {
                Http.put(host, "/t/" + i, Http.JSON, "\"" + "x".repeat(500) + "\"");
            }
            host.kill();
        }
        Path journal = data.resolve("journal/00000000000000000001.journal");
        try (RandomAccessFile file = new RandomAccessFile(journal.toFile(), "rw")) {
            file.setLength(6_000);
        }

        MillraceProcess.Refusal refusal = MillraceProcess.startExpectingRefusal(data);
        assertThat(refusal.exitCode()).isEqualTo(1);
        assertThat(refusal.error()).contains(journal.toString(), "damaged at offset", "where change", "verify");
        assertRepairKeepsWhatIsReadable(data, 6_000);
    }

    /** Of the records t/0, t/1 and so on, each of more than 500 bytes, those before an offset of the journal are read. */
    private void assertRepairKeepsWhatIsReadable(Path data, int offset) {
        Command refused = millrace("repair", "--data", data.toString());
        assertThat(refused.exitCode()).as(refused.error()).isEqualTo(3);
        assertThat(refused.output()).contains("lost would be: ", "Nothing was altered", "--accept-loss");
        Command done = millrace("repair", "--accept-loss", "--data", data.toString());
        assertThat(done.exitCode()).as(done.error()).isZero();
        assertThat(done.output()).contains("repaired; what was taken out is in ");
        Command sound = millrace("verify", "--data", data.toString());
        assertThat(sound.exitCode()).as(sound.output()).isZero();
        try (MillraceProcess host = MillraceProcess.start(data)) {
            int header = 4_096;
            for (int i = 0; i < (offset - header) / 700; i++) {
                assertThat(Http.text(Http.get(host, "/t/" + i))).as("t/" + i).hasSize(502);
            }
            assertThat(Http.put(host, "/t/new", Http.JSON, "1").statusCode()).isEqualTo(201);
        }
    }
}
