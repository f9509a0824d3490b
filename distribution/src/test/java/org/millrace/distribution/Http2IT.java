package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP/2 with the clients that others wrote: curl, nghttp and h2load, in the clear and over TLS. */
class Http2IT {
    @TempDir
    Path folder;

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(() -> List.of(command) + ": " + output)
                .isZero();
        return output;
    }

    @Test
    void curlSpeaksItByAskingAndByKnowing() throws Exception {
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"))) {
            String url = host.url("/t/1").toString();
            String version = "%{http_version} %{response_code}";
            assertThat(run("curl", "-sS", "--http2-prior-knowledge", "-w", version, "-X", "PUT", "-d", "1", url))
                    .isEqualTo("2 201");
            assertThat(run("curl", "-sS", "--http2", "-w", " " + version, url)).isEqualTo("1 2 200");
            assertThat(run("curl", "-sS", "--http1.1", "-w", " " + version, url))
                    .isEqualTo("1 1.1 200");
        }
    }

    @Test
    void tlsNegotiatesIt() throws Exception {
        Path key = folder.resolve("key.pem");
        Path certificate = folder.resolve("certificate.pem");
        run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString());
        try (MillraceProcess host = MillraceProcess.start(
                folder.resolve("data"),
                "--set",
                "http.tls.certificate=" + certificate,
                "--set",
                "http.tls.key=" + key)) {
            String url = host.url("/t/1").toString().replace("http:", "https:");
            String version = " %{http_version} %{response_code}";
            assertThat(run("curl", "-sSk", "-w", version, "-X", "PUT", "-d", "1", url))
                    .isEqualTo(" 2 201");
            assertThat(run("curl", "-sSk", "--http1.1", "-w", version, url)).isEqualTo("1 1.1 200");
            assertThat(run("nghttp", "-nv", url))
                    .contains("The negotiated protocol: h2")
                    .contains(":status: 200");
        }
    }

    @Test
    void loadOfManyStreamsIsServedWithoutALoss() throws Exception {
        try (MillraceProcess host = MillraceProcess.start(folder.resolve("data"))) {
            Http.put(host, "/t/1", Http.JSON, "{\"x\":1}");
            assertThat(run(
                            "h2load",
                            "-n",
                            "20000",
                            "-c",
                            "4",
                            "-m",
                            "50",
                            host.url("/t/1").toString()))
                    .contains("20000 succeeded, 0 failed, 0 errored, 0 timeout");
        }
    }
}
