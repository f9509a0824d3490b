package org.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.spi.resource.Change;

/** A process that only writes is killed, again and again, and what it reported is held against what is found. */
class KillTest {
    @TempDir
    Path directory;

    @Test
    void whatAKilledProcessReportedIsThere() throws Exception {
        rounds(2);
    }

    @Test
    @Tag("slow")
    void whatAProcessKilledOftenReportedIsThere() throws Exception {
        rounds(40);
    }

    private void rounds(int count) throws Exception {
        SplittableRandom random = new SplittableRandom(count);
        long before = 0;
        for (int i = 0; i < count; i++) {
            long reported = writeAndKill(before, 200 + random.nextInt(5_000));
            try (Journal journal = open(directory)) {
                assertThat(journal.lastSeq()).isGreaterThanOrEqualTo(reported);
                try (ChangeReader reader = journal.read(journal.firstSeq() - 1)) {
                    long seq = reader.position();
                    for (Change c = reader.next(); c != null; c = reader.next()) {
                        assertThat(Changes.text(c)).isEqualTo(String.valueOf(++seq));
                    }
                    assertThat(seq).isEqualTo(journal.lastSeq());
                }
                before = journal.lastSeq();
            }
        }
    }

    static Journal open(Path directory) throws IOException {
        JournalOptions options = JournalOptions.in(directory)
                .withSegmentBytes(256 * 1024)
                .withRetention(2 << 20, Duration.ofDays(1), Long.MAX_VALUE);
        Journal journal = Journal.open(options, JournalFiles.system(), PlainContent::new);
        journal.retainUnapplied(journal::syncedSeq);
        return journal;
    }

    /** Lets a process write until it has reported so many changes more, and kills it. */
    private long writeAndKill(long before, int changes) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Writer.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long reported = 0;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            while (reported < before + changes) {
                String line = lines.readLine();
                assertThat(line).as("the writing process ended by itself").isNotNull();
                reported = Long.parseLong(line);
            }
            // It writes on while it is killed; what it has reported meanwhile counts too.
            process.toHandle().destroyForcibly();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                // A last line may be cut in the middle, and then tells a smaller number.
                reported = line.isEmpty() ? reported : Math.max(reported, Long.parseLong(line));
            }
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isNotZero();
        return reported;
    }

    /** The process that is killed. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) throws IOException {
            SplittableRandom random = new SplittableRandom();
            try (Journal journal = open(Path.of(arguments[0]))) {
                while (true) {
                    List<Change> changes = Changes.append(journal, 1 + random.nextInt(50), random.nextInt(500));
                    journal.write();
                    if (random.nextBoolean()) {
                        journal.sync();
                    }
                    journal.publish(changes);
                    // Written is enough: the page cache outlives the process.
                    System.out.write((journal.writtenSeq() + "\n").getBytes(StandardCharsets.US_ASCII));
                    System.out.flush();
                }
            }
        }
    }
}
