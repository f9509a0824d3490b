package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A body that is several times as large as the host's heap. */
class BulkImportIT {
    private static final int LINES = 10_000;
    private static final int RECORDS = 500;
    private static final int VALUE = 30_000;
    private static final long MIB = 1 << 20;

    @TempDir
    Path folder;

    /** Lines made as they are read: three hundred megabytes need not be in the test's memory either. */
    private static final class Lines extends InputStream {
        private final byte[] filler = "x".repeat(VALUE).getBytes(StandardCharsets.US_ASCII);
        private byte[] line = {};
        private int at;
        private int next;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (at == line.length) {
                if (next == LINES) {
                    return -1;
                }
                line = line(next++);
                at = 0;
            }
            int n = Math.min(length, line.length - at);
            System.arraycopy(line, at, into, offset, n);
            at += n;
            return n;
        }

        private byte[] line(int number) {
            if (number == 4_321) {
                return "{\"id\":\"broken\",\"value\":tru}\n".getBytes(StandardCharsets.US_ASCII);
            }
            byte[] head = ("{\"id\":\"" + number % RECORDS + "\",\"value\":{\"n\":" + number + ",\"text\":\"")
                    .getBytes(StandardCharsets.US_ASCII);
            byte[] whole = Arrays.copyOf(head, head.length + VALUE + 4);
            System.arraycopy(filler, 0, whole, head.length, VALUE);
            System.arraycopy("\"}}\n".getBytes(StandardCharsets.US_ASCII), 0, whole, head.length + VALUE, 4);
            return whole;
        }
    }

    @Test
    void threeHundredMegabytesAreTakenByAHostWithAHeapOfLessThanHalf() throws Exception {
        Map<String, String> small = Map.of("JAVA_OPTS", "-Xmx128m");
        try (MillraceProcess host =
                        MillraceProcess.start(folder.resolve("data"), small, "--set", "journal.ring-capacity=1024");
                HttpClient client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(host.url("/big/"))
                            .timeout(Duration.ofMinutes(3))
                            .header("Content-Type", "application/x-ndjson")
                            .PUT(BodyPublishers.ofInputStream(Lines::new))
                            .build(),
                    BodyHandlers.ofString());

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body())
                    .startsWith("[")
                    .contains("\"status\":400")
                    .contains("{\"id\":\"0\",\"status\":201,\"etag\":\"");
            assertThat(answer.body().split("\"status\":20[14]", -1)).hasSize(LINES);
            assertThat(Http.text(Http.get(host, "/big/?count()"))).contains("\"count()\":" + RECORDS);
            assertThat(Http.text(Http.get(host, "/big/" + (RECORDS - 1)))).startsWith("{\"n\":" + (LINES - 1) + ",");
            assertThat(host.heapAfterCollection()).isLessThan(112 * MIB);
            assertThat(host.log()).doesNotContain(" ERROR ").doesNotContain("OutOfMemory");
        }
    }
}
