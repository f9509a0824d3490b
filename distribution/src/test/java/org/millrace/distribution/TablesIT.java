package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.millrace.distribution.Http.JSON;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Definitions of tables over HTTP. */
class TablesIT {
    @TempDir
    Path folder;

    @Test
    void recordsOfATableWithATtlExpireAlsoAfterARestart() {
        Path data = folder.resolve("data");
        try (MillraceProcess host = MillraceProcess.start(data)) {
            assertThat(Http.put(host, "/$sys/tables/short", JSON, "{\"ttl\":\"300ms\"}")
                            .statusCode())
                    .isEqualTo(201);
            assertThat(Http.text(Http.get(host, "/$sys/tables/short"))).isEqualTo("{\"ttl\":\"300ms\"}");
            assertThat(Http.text(Http.get(host, "/$sys/")))
                    .contains("tables/short")
                    .contains("health");
            assertThat(host.stop()).isZero();
        }
        try (MillraceProcess host = MillraceProcess.start(data)) {
            Http.put(host, "/short/a", JSON, "1");
            Http.put(host, "/long/a", JSON, "1");

            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> Http.get(host, "/short/a").statusCode() == 404);
            assertThat(Http.get(host, "/long/a").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void declaredTablesAloneTakeRecords() {
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"), "--set", "tables.create=declared")) {
            HttpResponse<byte[]> refused = Http.put(host, "/rooms/a", JSON, "1");
            assertThat(refused.statusCode()).isEqualTo(404);
            assertThat(Http.text(refused)).contains("$sys/tables/rooms");

            Http.put(host, "/$sys/tables/rooms", JSON, "{}");
            assertThat(Http.put(host, "/rooms/a", JSON, "1").statusCode()).isEqualTo(201);
        }
    }

    @Test
    void wrongDefinitionIsRefusedAndTheRestOfTheSystemStaysClosed() {
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"))) {
            HttpResponse<byte[]> refused = Http.put(host, "/$sys/tables/rooms", JSON, "{\"tll\":\"1d\"}");
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(Http.text(refused)).contains("'tll'");
            assertThat(Http.put(host, "/$sys/health", JSON, "{}").statusCode()).isEqualTo(401);
        }
    }
}
