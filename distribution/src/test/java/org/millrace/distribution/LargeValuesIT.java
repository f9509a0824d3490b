package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LargeValuesIT {
    private static final int MIB = 1 << 20;
    private static final String TYPE = "application/octet-stream";

    @TempDir
    Path folder;

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @Test
    void aMebibyteIsTakenAndOneByteMoreIsRefusedUnlessConfigured() {
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"))) {
            assertThat(Http.put(host, "/blobs/a", TYPE, random(MIB)).statusCode())
                    .isEqualTo(201);
            HttpResponse<byte[]> refused = Http.put(host, "/blobs/b", TYPE, random(MIB + 1));
            assertThat(refused.statusCode()).isEqualTo(413);
            assertThat(Http.text(refused)).contains("1048576");
            assertThat(Http.get(host, "/blobs/b").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void recordsOfSixtyFourMebibytesAreKeptIfConfigured() {
        byte[] large = random(64 * MIB);
        Path data = folder.resolve("data");
        String[] options = {"--set", "limits.content=64MiB"};
        java.util.Map<String, String> memory = java.util.Map.of("JAVA_OPTS", "-Xmx1g");
        try (MillraceProcess host = MillraceProcess.start(data, memory, options)) {
            assertThat(Http.put(host, "/blobs/a", TYPE, large).statusCode()).isEqualTo(201);
            assertThat(Http.get(host, "/blobs/a").body()).isEqualTo(large);
            assertThat(Http.put(host, "/blobs/b", TYPE, random(64 * MIB + 1)).statusCode())
                    .isEqualTo(413);
            host.kill();
        }
        try (MillraceProcess again = MillraceProcess.start(data, memory, options)) {
            assertThat(Http.get(again, "/blobs/a").body()).isEqualTo(large);
        }
    }
}
