package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.millrace.host.TestHost;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;
import org.millrace.spi.resource.WriteOptions;
import org.slf4j.LoggerFactory;

/** What becomes of a durable cursor whose client does not come back. */
class CursorCapTest {
    private static final String BODY = "\"" + "x".repeat(100_000) + "\"";

    @TempDir
    Path directory;

    private static Cursor put(TestHost host, String path) throws Exception {
        return TestHost.await(host.client()
                        .put(org.millrace.spi.resource.Path.of(path), host.json(BODY), WriteOptions.DEFAULT))
                .cursor();
    }

    private static Subscription resume(TestHost host, Cursor from, Deliveries deliveries) throws ResourceException {
        return host.client()
                .subscribe(SubscribeRequest.every(TopicFilter.of("t/#"), new Start.After(from)), deliveries);
    }

    private static boolean hasExpired(TestHost host, Cursor place) {
        // No demand and closed at once: an attempt that is too early must not gather the whole journal in memory.
        try (Subscription attempt = resume(host, place, new Deliveries())) {
            return false;
        } catch (ResourceException e) {
            return e.code() == ErrorCode.EXPIRED_CURSOR;
        }
    }

    private long journalBytes() {
        File[] files = directory.resolve("data/journal").toFile().listFiles();
        return files == null ? 0 : Arrays.stream(files).mapToLong(File::length).sum();
    }

    @Test
    void aCursorKeepsItsHistoryUpToTheHardCapAndThenExpiresWithTheLogNamingIt() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(CursorPins.class);
        log.start();
        logger.addAppender(log);
        try (TestHost host = TestHost.start(
                directory, "journal.retain-size=1MiB", "journal.hard-cap=6MiB", "journal.ring-capacity=1024")) {
            Cursor place = put(host, "t/0");
            TestHost.await(host.context().cursors().save("sleeper", place));
            for (int i = 1; i <= 30; i++) { // 3 MB: more than is kept without the cursor
                put(host, "t/" + i);
            }
            Deliveries kept = new Deliveries();
            try (Subscription resumed = resume(host, place, kept)) {
                resumed.request(1_000);
                Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> kept.changes.size() == 30);
            }

            // Of 100 MB the ring holds 64 MiB, so what was at the cursor is in files alone, and these are gone.
            for (int i = 0; i < 1_000; i++) {
                put(host, "t/" + i % 10);
            }
            Awaitility.await().atMost(30, TimeUnit.SECONDS).until(() -> hasExpired(host, place));
            assertThat(log.list)
                    .singleElement()
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .asString()
                    .contains("1 durable cursor(s) of plugin test have expired", "'sleeper' (at change 1)");
            // What is lost keeps nothing more: files go again when there is more than retain-size.
            Awaitility.await().atMost(30, TimeUnit.SECONDS).until(() -> journalBytes() < 5 << 20);
        } finally {
            logger.detachAppender(log);
        }
    }
}
