package org.millrace.plugin.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.millrace.testkit.RawPeer;

class StaticFilesTest {
    @TempDir
    Path folder;

    private HttpHost http;

    @BeforeEach
    void start() throws IOException {
        Path files = Files.createDirectories(folder.resolve("files/sub"));
        Files.writeString(folder.resolve("secret.txt"), "secret");
        Files.writeString(folder.resolve("files/index.html"), "<p>index");
        Files.writeString(folder.resolve("files/.hidden"), "secret");
        Files.writeString(folder.resolve("files/app.js"), "plain");
        Files.write(folder.resolve("files/app.js.gz"), new byte[] {1, 2, 3});
        Files.writeString(files.resolve("a b.txt"), "x".repeat(300_000));
        Files.createSymbolicLink(folder.resolve("files/link.txt"), folder.resolve("secret.txt"));
        http = new HttpHost(Map.of("files", folder.resolve("files").toString()));
    }

    @AfterEach
    void close() {
        http.close();
    }

    @Test
    void filesAreGivenWithTheirTypes() {
        var index = http.get("/$console/");
        assertThat(index.body()).isEqualTo("<p>index");
        assertThat(index.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
        assertThat(http.get("/$console/sub/a%20b.txt").body()).hasSize(300_000);
        assertThat(http.get("/$console/sub/a%20b.txt", "Range", "bytes=-2").body())
                .isEqualTo("xx");
    }

    @Test
    void fileTheClientHasIsNotGivenAgain() {
        String tag = http.get("/$console/app.js").headers().firstValue("ETag").orElseThrow();

        assertThat(http.get("/$console/app.js", "If-None-Match", tag).statusCode())
                .isEqualTo(304);
    }

    @Test
    void compressedSiblingIsGivenInstead() {
        assertThat(http.get("/$console/app.js").body()).isEqualTo("plain");
        var packed = http.getBytes("/$console/app.js", "Accept-Encoding", "br, gzip");
        assertThat(packed.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(packed.body()).containsExactly(1, 2, 3);
        assertThat(http.get("/$console/app.js", "Accept-Encoding", "gzip;q=0").body())
                .isEqualTo("plain");
    }

    @Test
    void brotliIsGivenWhereItLiesBesideTheFile() throws Exception {
        Files.write(folder.resolve("files/app.js.br"), new byte[] {4, 5});
        var packed = http.getBytes("/$console/app.js", "Accept-Encoding", "gzip, deflate, br, zstd");
        assertThat(packed.headers().firstValue("Content-Encoding")).contains("br");
        assertThat(packed.headers().firstValue("Content-Type")).contains("text/javascript; charset=utf-8");
        assertThat(packed.body()).containsExactly(4, 5);
        assertThat(http.getBytes("/$console/app.js", "Accept-Encoding", "br;q=0, gzip")
                        .headers()
                        .firstValue("Content-Encoding"))
                .contains("gzip");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/$console/%2e%2e/secret.txt",
                "/$console/..%2fsecret.txt",
                "/$console/sub%2f..%2f..%2fsecret.txt",
                "/$console/..%5csecret.txt",
                "/$console/%252e%252e/secret.txt",
                "/$console//etc/passwd",
                "/$console/%2fetc%2fpasswd",
                "/$console/.hidden",
                "/$console/link.txt",
                "/$console/sub",
                "/$console/none.js",
            })
    void nothingElseIsGiven(String path) {
        try (RawPeer peer = http.peer()) {
            peer.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertThat(peer.readAll())
                    .startsWith("HTTP/1.1 404 ")
                    .doesNotContain("secret\r\n")
                    .doesNotContain("root:");
        }
    }
}
