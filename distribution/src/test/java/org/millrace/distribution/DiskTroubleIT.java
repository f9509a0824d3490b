package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host whose disk is full or broken; the library between it and the disk is the store's own tests'. */
class DiskTroubleIT {
    @TempDir
    Path folder;

    private Path faults;
    private Path data;
    private Map<String, String> environment;

    @BeforeEach
    void compile() throws Exception {
        Path library = DiskLibrary.compile(folder);
        faults = folder.resolve("faults");
        data = folder.toRealPath().resolve("data");
        environment = Map.of(
                "LD_PRELOAD", library.toString(), "DISK_ROOT", data.toString(), "DISK_FAULTS", faults.toString());
    }

    private MillraceProcess start() {
        return MillraceProcess.start(data, environment, "--set", "journal.segment-size=1MiB");
    }

    private static HttpResponse<byte[]> write(MillraceProcess host, int n) {
        return Http.put(host, "/t/" + n, Http.JSON, "\"" + n + "x".repeat(200_000) + "\"");
    }

    @Test
    void aFullDiskRefusesWritesKeepsReadsAndWritingResumesWhenThereIsSpace() throws IOException {
        try (MillraceProcess host = start()) {
            assertThat(write(host, 0).statusCode()).isEqualTo(201);
            Files.writeString(faults, "S");
            int acknowledged = 0;
            HttpResponse<byte[]> answer = write(host, 1);
            while (answer.statusCode() == 201 && acknowledged < 100) {
                acknowledged++;
                answer = write(host, acknowledged + 1);
            }

            assertThat(answer.statusCode()).isEqualTo(507);
            assertThat(Http.text(answer)).contains("urn:millrace:problem:quota-exceeded", "disk");
            for (int i = 0; i <= acknowledged; i++) {
                assertThat(Http.get(host, "/t/" + i).statusCode()).isEqualTo(200);
            }
            assertThat(Http.text(Http.get(host, "/$sys/health"))).contains("disk");

            Files.delete(faults);
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> write(host, 1_000).statusCode() < 300);
            host.kill();
            try (MillraceProcess again = start()) {
                for (int i = 0; i <= acknowledged; i++) {
                    assertThat(Http.get(again, "/t/" + i).statusCode()).isEqualTo(200);
                }
                assertThat(Http.get(again, "/t/1000").statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void aDiskThatFillsUpInTheMiddleOfAWriteIsFullAndNotBroken() throws IOException {
        try (MillraceProcess host = start()) {
            assertThat(write(host, 0).statusCode()).isEqualTo(201);
            Files.writeString(faults, "F");
            // The journal has room for it, the records have not: LMDB takes a short write for a failing disk.
            assertThat(write(host, 1).statusCode()).isEqualTo(201);
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> host.log().contains("Free space"));
            assertThat(Http.get(host, "/t/1").statusCode()).isEqualTo(200);

            Files.delete(faults);
            Awaitility.await()
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> host.log().contains("the disk of the records has space again"));
            assertThat(write(host, 2).statusCode()).isEqualTo(201);
            host.kill();
            try (MillraceProcess again = start()) {
                assertThat(Http.get(again, "/t/1").statusCode()).isEqualTo(200);
                assertThat(Http.get(again, "/t/2").statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void aFailedSyncEndsWritingForGoodAndReadsGoOn() throws IOException {
        try (MillraceProcess host = start()) {
            assertThat(write(host, 0).statusCode()).isEqualTo(201);
            Files.writeString(faults, "I");
            HttpResponse<byte[]> answer = write(host, 1);
            assertThat(answer.statusCode()).isEqualTo(503);
            Files.delete(faults);

            assertThat(write(host, 2).statusCode()).isEqualTo(503);
            assertThat(Http.get(host, "/t/0").statusCode()).isEqualTo(200);
            assertThat(Http.text(Http.get(host, "/$sys/health"))).contains("read-only");
            assertThat(host.log()).contains("ERROR");
            host.kill();
        }
        try (MillraceProcess again = start()) {
            assertThat(Http.get(again, "/t/0").statusCode()).isEqualTo(200);
            assertThat(write(again, 3).statusCode()).isEqualTo(201);
        }
    }
}
