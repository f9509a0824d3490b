package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A new node that is killed while it copies the records of another. */
class InterruptedCopyIT {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int RECORDS = 40_000;
    private static final Pattern BEGUN = Pattern.compile("\"alerts\":\\[\"[^\"]*; ([1-9][0-9]*) have come so far");
    private static final Pattern WENT_ON =
            Pattern.compile("goes on with the copy that was broken off behind (\\d+) records");
    private static final Pattern FIRST = Pattern.compile("\"firstSeq\":(\\d+)");
    private static final Pattern SUMS = Pattern.compile("\"summedAt\":\"[^\"]*\",\"hash\":\"[0-9a-f]*\"");

    @TempDir
    Path folder;

    private static String[] options(NatsServer nats, String node) {
        return new String[] {
            "--set",
            "cluster.nats=" + nats.url(),
            "--set",
            "cluster.node=" + node,
            "--set",
            "cluster.keep-size=1MiB",
            "--set",
            "cluster.compare-every=5s",
            "--set",
            "journal.segment-size=1MiB",
            "--set",
            "journal.retain-size=1MiB",
            "--set",
            "journal.hard-cap=4MiB",
            "--set",
            "log.level=info"
        };
    }

    private static String status(MillraceProcess host) {
        return Http.text(Http.get(host, "/$sys/cluster"));
    }

    /** Writes records until the journal has none of the first and the stream neither. */
    private static void fill(MillraceProcess host) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < RECORDS; i++) {
            lines.append(String.format(
                    Locale.ROOT, "{\"id\":\"%06d\",\"value\":{\"n\":%d,\"text\":\"%s\"}}%n", i, i, "x".repeat(200)));
        }
        assertThat(Http.post(host, "/copied/", "application/x-ndjson", lines.toString())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void aNewNodeThatIsKilledGoesOnCopyingWhereItWas() throws Exception {
        try (NatsServer nats = NatsServer.start(folder.resolve("nats"));
                MillraceProcess old = MillraceProcess.start(folder.resolve("old"), options(nats, "old"))) {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(old)).contains("\"state\":\"running\""));
            fill(old);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(status(old)).containsPattern("\"unsentChanges\":[0-2],"));
            await().atMost(PATIENCE).until(() -> firstChange(old) > RECORDS / 2);
            long come;
            try (MillraceProcess killed = MillraceProcess.start(folder.resolve("new"), options(nats, "new"))) {
                come = await().atMost(PATIENCE)
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> come(status(killed)), records -> records > 0);
                killed.kill();
            }
            assertThat(come).as("the copy was under way").isLessThan(RECORDS);
            try (MillraceProcess again = MillraceProcess.start(folder.resolve("new"), options(nats, "new"))) {
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(status(again)).contains("\"alerts\":[]", "\"summedAt\""));
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(sums(again)).isEqualTo(sums(old)));
                Matcher wentOn = WENT_ON.matcher(Files.readString(folder.resolve("new.log")));
                assertThat(wentOn.find()).as("it went on").isTrue();
                assertThat(Long.parseLong(wentOn.group(1))).isGreaterThanOrEqualTo(come);
                assertThat(status(again)).contains("\"tableHashes\":{\"copied\":");
                System.out.println("killed behind " + come + " records, went on behind " + wentOn.group(1));
            }
        }
    }

    private static long firstChange(MillraceProcess host) {
        Matcher first = FIRST.matcher(Http.text(Http.get(host, "/$sys/journal")));
        assertThat(first.find()).isTrue();
        return Long.parseLong(first.group(1));
    }

    private static long come(String status) {
        Matcher begun = BEGUN.matcher(status);
        return begun.find() ? Long.parseLong(begun.group(1)) : 0;
    }

    private static String sums(MillraceProcess host) {
        Matcher sums = SUMS.matcher(status(host));
        assertThat(sums.find()).isTrue();
        return sums.group();
    }
}
