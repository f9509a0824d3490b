package org.millrace.host.resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.millrace.spi.resource.Cursor;
import org.millrace.spi.resource.ErrorCode;
import org.millrace.spi.resource.ResourceException;
import org.millrace.spi.resource.Start;
import org.millrace.spi.resource.SubscribeRequest;
import org.millrace.spi.resource.Subscription;
import org.millrace.spi.resource.TopicFilter;

/** From a table's definition to what the journal keeps for it. */
class TableHistoryTest {
    private static final String BODY = "\"" + "x".repeat(4_000) + "\"";
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @RegisterExtension
    private final RunningHost host =
            new RunningHost("journal.retain-size=1MiB", "journal.retain-age=1s", "journal.ring-capacity=1024");

    /** More than is kept in files without a history, and more changes than are kept in memory. */
    private void pass() throws Exception {
        for (int i = 0; i < 1_100; i++) {
            host.put("other/" + i % 10, BODY);
        }
    }

    private Subscription resume(Cursor from, Deliveries deliveries) {
        return host.client()
                .subscribe(SubscribeRequest.every(TopicFilter.table("kept"), new Start.After(from)), deliveries);
    }

    private boolean hasExpired(Cursor place) {
        try (Subscription _ = resume(place, new Deliveries())) {
            return false;
        } catch (ResourceException e) {
            return e.code() == ErrorCode.EXPIRED_CURSOR;
        }
    }

    @Test
    void aCursorWithinItsHistoryIsResumedFromAlsoAfterARestart() throws Exception {
        Cursor without = host.put("kept/0", "0").cursor();
        pass();
        await().atMost(PATIENCE).until(() -> hasExpired(without));

        host.put("$sys/tables/kept", "{\"history\":\"1d\"}");
        Cursor place = host.put("kept/1", "1").cursor();
        host.put("kept/2", "2");
        host.restart();
        pass();
        await().during(Duration.ofSeconds(6)).atMost(PATIENCE).until(() -> !hasExpired(place));
        Deliveries deliveries = new Deliveries();
        try (Subscription resumed = resume(place, deliveries)) {
            resumed.request(10);
            await().atMost(PATIENCE).until(() -> !deliveries.changes.isEmpty());
            assertThat(deliveries.changes.getFirst().path()).hasToString("kept/2");
        }

        host.put("$sys/tables/kept", "{}");
        await().atMost(PATIENCE).until(() -> hasExpired(place));
    }
}
