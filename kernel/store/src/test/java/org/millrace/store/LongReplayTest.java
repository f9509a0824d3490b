package org.millrace.store;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.journal.Journal;
import org.millrace.journal.JournalFiles;
import org.millrace.journal.JournalOptions;
import org.millrace.spi.content.MediaType;
import org.millrace.spi.resource.Change;
import org.millrace.spi.resource.ChangeKind;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.Version;
import org.slf4j.LoggerFactory;

/** The start after a crash with a gibibyte of journal that the records on disk have not seen. */
@Tag("slow")
class LongReplayTest {
    private static final int CHANGES = 3_000_000;
    private static final int KEYS = 1_000_000;
    private static final int BATCH = 1_000;

    @TempDir
    Path directory;

    @Test
    void aGibibyteIsReplayedAndTheLogTellsHowFarItIs() throws Exception {
        writeJournal();
        try (Stream<Path> files = Files.list(directory.resolve("journal"))) {
            assertThat(files.mapToLong(file -> file.toFile().length()).sum()).isGreaterThan(1L << 30);
        }
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(Replay.class);
        log.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(log);
        long start = System.nanoTime();
        try (TestNode node = TestNode.open(directory)) {
            long millis = (System.nanoTime() - start) / 1_000_000;
            assertThat(node.store.status().appliedSeq()).isEqualTo(CHANGES);
            List<String> lines =
                    log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
            lines.forEach(System.out::println);
            System.out.println("open after " + millis + " ms");
            assertThat(lines).anyMatch(line -> line.contains(" %), up to change "));
        } finally {
            logger.setLevel(null);
            logger.detachAppender(log);
        }
    }

    private void writeJournal() throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        JournalOptions options = JournalOptions.in(directory.resolve("journal"));
        try (Journal journal = Journal.open(options, JournalFiles.system(), TestNode.FORMATS::trusted)) {
            List<Change> batch = new ArrayList<>();
            for (int n = 0; n < CHANGES; n++) {
                Change change = Change.of(
                                ChangeKind.PUT,
                                TestNode.path("t/record-" + random.nextInt(KEYS)),
                                new Version(journal.clock().next(), journal.node()),
                                new Cursor(journal.node(), n + 1L))
                        .content(TestNode.FORMATS.trusted(MediaType.OCTET_STREAM, new byte[320]))
                        .build();
                journal.append(change, true);
                batch.add(change);
                if (batch.size() == BATCH) {
                    journal.write();
                    journal.publish(batch);
                    batch.clear();
                }
            }
            journal.sync();
        }
    }
}
