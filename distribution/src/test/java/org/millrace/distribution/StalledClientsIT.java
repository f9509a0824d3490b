package org.millrace.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More clients that do not read than the host's memory has room for: it parts with them, and goes on serving the others. */
class StalledClientsIT {
    private static final int STALLED = 400;
    private static final int CHANGES = 5_000;
    private static final Pattern ENDED = Pattern.compile("millrace_unread_ended_connections (\\d+)");

    @TempDir
    Path folder;

    @Test
    void thoseThatReadNothingAreClosedAndTheReaderGetsAll() throws Exception {
        List<NumberReader> stalled = new ArrayList<>();
        try (MillraceProcess host = MillraceProcess.start(
                        folder.resolve("data"),
                        "--set",
                        "limits.unread=4MiB",
                        "--set",
                        "http.send-timeout=20m",
                        "--set",
                        "websocket.idle-timeout=20m");
                NumberReader reader = NumberReader.webSocket(host.port("http"), "/slow/1", true)) {
            int port = host.port("http");
            try {
                for (int i = 0; i < STALLED / 2; i++) {
                    stalled.add(NumberReader.eventStream(port, "/slow/1", true));
                    stalled.add(NumberReader.webSocket(port, "/slow/1", true));
                }
                CompletableFuture<Void> writing =
                        CompletableFuture.runAsync(() -> write(port), Thread.ofVirtual()::start);
                ByteBuffer buffer = ByteBuffer.allocate(256 * 1024);
                while (reader.last() < CHANGES) {
                    reader.read(buffer);
                }
                writing.join();
                assertThat(reader.count()).isEqualTo(CHANGES);
                Awaitility.await().ignoreExceptions().until(() -> ended(host) > 0);
                assertThat(host.log())
                        .containsOnlyOnce("connection(s) whose clients read nothing")
                        .doesNotContain(" ERROR ")
                        .doesNotContain("OutOfMemory");
                // Those that are left have room, and so has who comes now.
                Awaitility.await()
                        .ignoreExceptions()
                        .until(() -> Http.get(host, "/slow/1").statusCode() == 200);
                assertThat(ended(host)).isLessThan(STALLED);
            } finally {
                for (NumberReader each : stalled) {
                    each.close();
                }
            }
        }
    }

    private static int ended(MillraceProcess host) {
        Matcher ended = ENDED.matcher(Http.text(Http.get(host, "/metrics")));
        assertThat(ended.find()).isTrue();
        return Integer.parseInt(ended.group(1));
    }

    private static void write(int port) {
        String pad = "x".repeat(1_000);
        try (SocketChannel channel = NumberReader.multiplexed(port)) {
            for (int n = 1; n <= CHANGES; n++) {
                String id = n == CHANGES ? "\"id\":1," : "";
                ByteBuffer frame =
                        NumberReader.masked("{" + id + "\"op\":\"put\",\"path\":\"slow/1\",\"durability\":\"os\","
                                + "\"value\":{\"n\":" + n + ",\"pad\":\"" + pad + "\"}}");
                while (frame.hasRemaining()) {
                    channel.write(frame);
                }
            }
            assertThat(NumberReader.readTo(channel, "}}")).contains("\"effect\":");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
