package org.millrace.host.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.content.ContentFormats;
import org.millrace.content.ContentLimits;
import org.millrace.host.StoppedHost;
import org.millrace.host.TestHost;
import org.millrace.host.control.ControlClient;
import org.millrace.host.control.OperationFailedException;
import org.millrace.spi.resource.Commit;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Resources;
import org.millrace.spi.resource.WriteOptions;

class OperationsTest {
    @TempDir
    Path directory;

    private Path data() {
        return directory.resolve("data");
    }

    private static Commit put(TestHost host, String path, String json) throws Exception {
        return TestHost.await(
                host.client().put(org.millrace.spi.resource.Path.of(path), host.json(json), WriteOptions.DEFAULT));
    }

    private static String text(TestHost host, String path) throws Exception {
        return TestHost.await(host.client().get(org.millrace.spi.resource.Path.of(path)))
                .map(entry -> new String(entry.content().toByteArray(), java.nio.charset.StandardCharsets.UTF_8))
                .orElse(null);
    }

    /** Asks the host that runs on the data directory. */
    private Map<String, String> ask(String operation, Map<String, String> arguments, Collected exchange)
            throws IOException {
        try (ControlClient client = ControlClient.connect(data()).orElseThrow()) {
            return client.run(operation, arguments, operation.equals("import"), exchange);
        }
    }

    private Map<String, String> backup(Path target, boolean history) throws IOException {
        return ask(
                "backup", Map.of("target", target.toString(), "history", Boolean.toString(history)), new Collected());
    }

    private Verification.Outcome verify(Path folder) throws IOException {
        ContentFormats formats = new ContentFormats(new ContentLimits(1 << 30, 1_000));
        return new Verification(folder, formats, line -> {}).run();
    }

    @Test
    void aBackupMadeWhileWritingGoesOnIsRestoredWithAllThatWasAcknowledgedBefore() throws Exception {
        Path backup = directory.resolve("backup");
        int before = 2_000;
        Cursor place;
        try (TestHost host = TestHost.start(directory)) {
            Resources client = host.client();
            List<CompletionStage<Commit>> writes = new ArrayList<>();
            for (int i = 0; i < before; i++) {
                writes.add(client.put(
                        org.millrace.spi.resource.Path.of("t/" + i), host.json("" + i), WriteOptions.DEFAULT));
            }
            place = TestHost.await(writes.get(before / 2)).cursor();
            for (CompletionStage<Commit> write : writes) {
                TestHost.await(write);
            }
            TestHost.await(host.context().cursors().save("c", place));
            Thread writer = Thread.ofPlatform().start(() -> {
                for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                    try {
                        put(host, "live/" + i, "1");
                    } catch (Exception e) {
                        return;
                    }
                }
            });
            Map<String, String> done = backup(backup, true);
            writer.interrupt();
            writer.join();
            assertThat(Long.parseLong(done.get("lastSeq"))).isGreaterThanOrEqualTo(before);
        }
        assertThat(verify(backup).faults()).isEmpty();

        Path restored = directory.resolve("elsewhere").resolve("data");
        new Restore(backup, restored).run(new Collected());

        try (TestHost host = TestHost.start(directory.resolve("elsewhere"))) {
            for (int i = 0; i < before; i++) {
                assertThat(text(host, "t/" + i)).isEqualTo("" + i);
            }
            assertThat(host.context().cursors().get("c")).contains(place);
        }
        assertThat(verify(restored).faults()).isEmpty();
    }

    @Test
    void aStoppedHostIsBackedUpToo() throws Exception {
        try (TestHost host = TestHost.start(directory)) {
            put(host, "t/1", "1");
        }
        Path backup = directory.resolve("backup");
        try (StoppedHost stopped = StoppedHost.open(TestHost.configuration(directory))) {
            stopped.run("backup", Map.of("target", backup.toString()), new Collected());
        }
        assertThat(verify(backup).faults()).isEmpty();
    }

    @Test
    void aBackupNeverGoesOverWhatIsThere() throws Exception {
        Path target = Files.createDirectory(directory.resolve("full"));
        Files.writeString(target.resolve("mine"), "x");
        try (TestHost host = TestHost.start(directory)) {
            put(host, "t/1", "1");
            assertThatExceptionOfType(OperationFailedException.class)
                    .isThrownBy(() -> backup(target, true))
                    .withMessageContaining("not empty");
            assertThatExceptionOfType(OperationFailedException.class)
                    .isThrownBy(() -> ask("backup", Map.of("target", "relative"), new Collected()))
                    .withMessageContaining("no absolute path");
            put(host, "t/2", "2");
        }
        assertThat(target.resolve("mine")).hasContent("x");
        assertThat(directory.resolve("full.incomplete")).doesNotExist();
    }

    @Test
    void aDamagedOrIncompleteBackupIsNotRestored() throws Exception {
        Path backup = directory.resolve("backup");
        try (TestHost host = TestHost.start(directory)) {
            put(host, "t/1", "1");
            backup(backup, true);
        }
        Path target = directory.resolve("new");
        Path journal;
        try (Stream<Path> files = Files.list(backup.resolve("journal"))) {
            journal = files.findFirst().orElseThrow();
        }
        try (RandomAccessFile file = new RandomAccessFile(journal.toFile(), "rw")) {
            file.seek(4_100);
            int b = file.read();
            file.seek(4_100);
            file.write(b ^ 1);
        }
        assertThatExceptionOfType(OperationException.class)
                .isThrownBy(() -> new Restore(backup, target).run(new Collected()))
                .withMessageContaining("is damaged");
        assertThat(verify(backup).faults()).anyMatch(fault -> fault.contains("not what was backed up"));

        Files.delete(backup.resolve("backup.json"));
        assertThatExceptionOfType(OperationException.class)
                .isThrownBy(() -> new Restore(backup, target).run(new Collected()))
                .withMessageContaining("no complete backup");
        assertThat(target).doesNotExist();
        assertThat(directory.resolve("new.incomplete")).doesNotExist();
    }

    @Test
    void aBackupWhoseJournalEndsWithItsLastChangeIsRestored() throws Exception {
        Path backup = directory.resolve("backup");
        try (TestHost host = TestHost.start(directory)) {
            put(host, "t/1", "1");
            backup(backup, true);
        }
        try (Stream<Path> files = Files.list(backup.resolve("journal"))) {
            try (RandomAccessFile file = new RandomAccessFile(
                    files.max(Path::compareTo).orElseThrow().toFile(), "rw")) {
                int mark = 24;
                file.setLength(file.length() - mark);
            }
        }
        BackupManifest made = BackupManifest.read(backup);
        List<BackupManifest.BackedUp> files = new ArrayList<>();
        for (BackupManifest.BackedUp file : made.files()) {
            files.add(BackupManifest.BackedUp.of(backup, backup.resolve(file.name()), bytes -> {}));
        }
        Files.delete(backup.resolve(BackupManifest.FILE));
        new BackupManifest(made.release(), made.created(), made.node(), made.firstSeq(), made.lastSeq(), files)
                .write(backup);

        new Restore(backup, directory.resolve("elsewhere").resolve("data")).run(new Collected());

        try (TestHost host = TestHost.start(directory.resolve("elsewhere"))) {
            assertThat(text(host, "t/1")).isEqualTo("1");
        }
    }

    @Test
    void nothingIsRestoredOverOtherData() throws Exception {
        Path backup = directory.resolve("backup");
        try (TestHost host = TestHost.start(directory)) {
            put(host, "t/1", "1");
            backup(backup, false);
            put(host, "t/2", "2");
        }
        assertThatExceptionOfType(OperationException.class)
                .isThrownBy(() -> new Restore(backup, data()).run(new Collected()))
                .withMessageContaining("is not empty");
        try (TestHost host = TestHost.start(directory)) {
            assertThat(text(host, "t/2")).isEqualTo("2");
        }
    }

    @Test
    void whatIsExportedIsImportedElsewhere() throws Exception {
        Collected exported = new Collected();
        try (TestHost host = TestHost.start(directory)) {
            put(host, "$sys/tables/t", "{\"ttl\":\"1h\"}");
            put(host, "t/1", "{\"a\": 1.50}");
            put(host, "u/2", "[true]");
            TestHost.await(host.context().store().put("private", new byte[] {1}));
            assertThat(ask("export", Map.of(), exported)).containsEntry("records", "3");
        }
        assertThat(exported.output.getFirst()).contains("$sys/tables/t");

        Path other = directory.resolve("other");
        try (TestHost host = TestHost.start(other)) {
            try (ControlClient client =
                    ControlClient.connect(other.resolve("data")).orElseThrow()) {
                assertThat(client.run("import", Map.of(), true, new Collected(exported.output)))
                        .containsEntry("records", "3");
            }
            assertThat(text(host, "t/1")).isEqualTo("{\"a\": 1.50}");
            assertThat(text(host, "u/2")).isEqualTo("[true]");
        }
    }

    @Test
    void anImportStopsAtABadLineAndGoesOnFromThere() throws Exception {
        List<String> lines = new ArrayList<>();
        for (int i = 1; i <= 2_500; i++) {
            lines.add("{\"path\":\"t/" + i + "\",\"content\":" + i + "}");
        }
        lines.set(2_099, "{\"path\":\"t/2100\"}");
        try (TestHost host = TestHost.start(directory)) {
            assertThatExceptionOfType(OperationFailedException.class)
                    .isThrownBy(() -> ask("import", Map.of(), new Collected(lines)))
                    .withMessageContaining("line 2100: 'content' or 'base64' is missing")
                    .withMessageContaining("--from-line 2100");
            assertThat(text(host, "t/2099")).isEqualTo("2099");
            assertThat(text(host, "t/2101")).isNull();

            lines.set(2_099, "{\"path\":\"t/2100\",\"content\":0}");
            assertThat(ask("import", Map.of("from-line", "2100"), new Collected(lines)))
                    .containsEntry("records", "401");
            assertThat(text(host, "t/2100")).isEqualTo("0");
            assertThat(text(host, "t/2500")).isEqualTo("2500");
        }
    }

    @Test
    void anImportLeavesAwayWhatHasExpiredAndRefusesWhatIsTheSystems() throws Exception {
        try (TestHost host = TestHost.start(directory)) {
            assertThat(ask(
                            "import",
                            Map.of(),
                            new Collected("{\"path\":\"t/1\",\"content\":1,\"expires\":\"2020-01-01T00:00:00Z\"}", "")))
                    .containsEntry("expired", "1")
                    .containsEntry("records", "0");
            assertThatExceptionOfType(OperationFailedException.class)
                    .isThrownBy(() ->
                            ask("import", Map.of(), new Collected("{\"path\":\"$internal/x/store/y\",\"content\":1}")))
                    .withMessageContaining("the system's own");
        }
    }

    @Test
    void aDirectoryWithoutDataIsRefusedAndNotMade() {
        assertThatExceptionOfType(OperationException.class)
                .isThrownBy(() -> StoppedHost.open(TestHost.configuration(directory)))
                .withMessageContaining("no data in");
        assertThat(data()).doesNotExist();
    }

    @Test
    void damageInTheJournalIsReportedWithItsPlace() throws Exception {
        try (TestHost host = TestHost.start(directory)) {
            for (int i = 0; i < 50; i++) {
                put(host, "t/" + i, "\"" + "x".repeat(200) + "\"");
            }
        }
        Path journal = data().resolve("journal").resolve("00000000000000000001.journal");
        try (RandomAccessFile file = new RandomAccessFile(journal.toFile(), "rw")) {
            file.seek(8_000);
            file.write(0xff);
            file.write(0x00);
        }
        Verification.Outcome found = verify(data());
        assertThat(found.faults())
                .anyMatch(fault -> fault.contains(journal.toString())
                        && fault.contains("damaged at offset ")
                        && fault.contains("where change "));
    }
}
